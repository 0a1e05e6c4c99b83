import { ArgumentError } from '../../errors.ts'
import type { ServiceInstance } from './service-instance.ts'

/** A template for the address of an instance, as Curator's UriSpec has it in JSON. */
export interface UriSpec {
  readonly parts: readonly { readonly value: string; readonly variable: boolean }[]
}

/**
 * Reads a template: `{scheme}://{address}:{port}/api`. Variables are those of the instance (`scheme`, `name`, `id`,
 * `address`, `port`, `ssl-port`, `registration-time-utc`, `service-type`), `[` and `]` for braces, and others that are
 * given when it is used.
 *
 * @throws {ArgumentError} where braces do not match
 */
export function parseUriSpec(template: string): UriSpec {
  const parts: { value: string; variable: boolean }[] = []
  let isInside = false
  for (const token of template.split(/([{}])/)) {
    if (token === '{' || token === '}') {
      if (isInside === (token === '{')) throw new ArgumentError(`${JSON.stringify(template)}: a ${token} too many`)
      isInside = token === '{'
    } else if (token !== '') parts.push({ value: isInside ? token.trim() : token, variable: isInside })
  }
  if (isInside) throw new ArgumentError(`${JSON.stringify(template)}: a } is missing`)
  return { parts }
}

/** The address of an instance: the template of its `uriSpec`, filled in. Empty if it has none. */
export function buildUri(instance: ServiceInstance, variables: Readonly<Record<string, unknown>> = {}): string {
  const { name, id, address, port, sslPort, registrationTimeUTC, serviceType, uriSpec } = instance
  const values = new Map<string, unknown>(
    Object.entries({
      '[': '{',
      ']': '}',
      scheme: sslPort === null ? 'http' : 'https',
      name,
      id,
      address,
      port,
      'ssl-port': sslPort,
      'registration-time-utc': registrationTimeUTC,
      'service-type': serviceType.toLowerCase(),
      ...variables,
    }),
  )
  const texts = uriSpec?.parts.map(({ value, variable }) => (variable ? String(values.get(value) ?? '') : value))
  return texts?.join('') ?? ''
}

/** What is one of the parts is taken, whatever else a foreign writer has put there. */
export function uriSpecFrom(json: unknown): UriSpec {
  const parts: { value: string; variable: boolean }[] = []
  const list: unknown = typeof json === 'object' && json !== null && 'parts' in json ? json.parts : json
  for (const part of Array.isArray(list) ? list : []) {
    if (typeof part?.value === 'string') parts.push({ value: part.value, variable: part.variable === true })
  }
  return { parts }
}
