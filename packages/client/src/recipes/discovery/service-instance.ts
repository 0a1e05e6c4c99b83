import { ZooKeeperError } from '@vivarium/protocol'
import { type UriSpec, uriSpecFrom } from './uri-spec.ts'

/**
 * How long an instance is registered.
 *
 * - `DYNAMIC`, `DYNAMIC_SEQUENTIAL`: as long as the one who registered it lives (ephemeral)
 * - `STATIC`, `PERMANENT`: until it is unregistered (persistent)
 */
export type ServiceType = (typeof SERVICE_TYPES)[number]

const SERVICE_TYPES = ['DYNAMIC', 'STATIC', 'PERMANENT', 'DYNAMIC_SEQUENTIAL'] as const

/** One instance of a service, with the fields of Curator's ServiceInstance. */
export interface ServiceInstance<P = unknown> {
  /** Of the service. */
  readonly name: string
  /** Of the instance, among those of its service. */
  readonly id: string
  readonly address: string | null
  readonly port: number | null
  readonly sslPort: number | null
  /** Whatever the service says of itself; for Java's readers with the class it is of (see `docs/recipes/service-discovery.md`). */
  readonly payload: P | null
  /** Milliseconds since 1970. */
  readonly registrationTimeUTC: number
  readonly serviceType: ServiceType
  readonly uriSpec: UriSpec | null
  /** Providers pass by those that are not. */
  readonly enabled: boolean
}

/** The bytes of a znode that are no instance. */
export class InstanceFormatError extends ZooKeeperError {
  override readonly name = 'InstanceFormatError'
  declare readonly code: 'BAD_INSTANCE'

  constructor(message: string, options?: { cause?: unknown }) {
    super('BAD_INSTANCE', `not a service instance: ${message}`, options)
  }
}

/**
 * The JSON that Curator's JsonInstanceSerializer writes, its fields in its order. `enabled` is left out where it is true,
 * which readers take it for: those from before CURATOR-275 do not know the field.
 */
export function serializeInstance(instance: ServiceInstance): string {
  const { name, id, address, port, sslPort, payload, registrationTimeUTC, serviceType, uriSpec, enabled } = instance
  const written = { name, id, address, port, sslPort, payload, registrationTimeUTC, serviceType, uriSpec }
  return JSON.stringify(enabled ? written : { ...written, enabled })
}

/**
 * Reads what Curator, or anyone, has written. Fields that are not known are passed by, those that are missing have
 * Curator's defaults.
 *
 * @param payload checks the payload, and makes of it what it is here
 * @throws {InstanceFormatError}
 */
export function parseInstance<P>(data: Buffer, payload: (value: unknown) => P): ServiceInstance<P> {
  let value: unknown
  try {
    value = JSON.parse(data.toString())
  } catch (cause) {
    throw new InstanceFormatError('it is no JSON', { cause })
  }
  if (typeof value !== 'object' || value === null) throw new InstanceFormatError('it is no JSON object')
  const fields = new Map(Object.entries(value))
  const type = fields.get('serviceType') ?? 'DYNAMIC'
  const serviceType = SERVICE_TYPES.find((each) => each === type)
  if (serviceType === undefined) throw new InstanceFormatError(`its serviceType is ${JSON.stringify(type)}`)
  const given = fields.get('payload') ?? null
  const uriSpec = fields.get('uriSpec') ?? null
  return {
    name: text(fields, 'name') ?? '',
    id: text(fields, 'id') ?? '',
    address: text(fields, 'address'),
    port: integer(fields, 'port'),
    sslPort: integer(fields, 'sslPort'),
    payload: given === null ? null : payload(given),
    registrationTimeUTC: integer(fields, 'registrationTimeUTC') ?? 0,
    serviceType,
    uriSpec: uriSpec === null ? null : uriSpecFrom(uriSpec),
    enabled: (fields.get('enabled') ?? true) !== false,
  }
}

function text(fields: ReadonlyMap<string, unknown>, name: string): string | null {
  const value = fields.get(name) ?? null
  if (value === null || typeof value === 'string') return value
  throw new InstanceFormatError(`its ${name} is no text`)
}

function integer(fields: ReadonlyMap<string, unknown>, name: string): number | null {
  const value = fields.get(name) ?? null
  if (value === null || (typeof value === 'number' && Number.isSafeInteger(value))) return value
  throw new InstanceFormatError(`its ${name} is no integer`)
}
