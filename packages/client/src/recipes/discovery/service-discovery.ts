import { joinPath, KeeperError } from '@vivarium/protocol'
import { ArgumentError } from '../../errors.ts'
import { uuid } from '../../random.ts'
import type { CallOptions } from '../../requests/request.ts'
import type { ZooKeeper } from '../../zookeeper.ts'
import { PersistentNode, type PersistentNodeOptions } from '../nodes/persistent-node.ts'
import { childrenOf } from '../support/contend.ts'
import { ServiceCache } from './service-cache.ts'
import {
  InstanceFormatError,
  parseInstance,
  type ServiceInstance,
  type ServiceType,
  serializeInstance,
} from './service-instance.ts'
import { type ProviderOptions, ServiceProvider } from './service-provider.ts'

export interface ServiceDiscoveryOptions<P> {
  /** Checks what others say of themselves, and makes of it what it is here; throws if it will not do. Default: as it is. */
  readonly payload?: ((value: unknown) => P) | undefined
}

/** What is registered: a name, and what else is known. The rest has defaults. */
export type NewInstance<P> = Pick<ServiceInstance<P>, 'name'> & Partial<ServiceInstance<P>>

const MODES: { readonly [T in ServiceType]: NonNullable<PersistentNodeOptions['mode']> } = {
  DYNAMIC: 'EPHEMERAL',
  DYNAMIC_SEQUENTIAL: 'EPHEMERAL_SEQUENTIAL',
  STATIC: 'PERSISTENT',
  PERMANENT: 'PERSISTENT',
}

/** An instance that is registered, and stays so through new sessions. */
export class Registration<P> implements AsyncDisposable {
  readonly #node: PersistentNode
  readonly #over: () => void
  #instance: ServiceInstance<P>

  constructor(node: PersistentNode, instance: ServiceInstance<P>, over: () => void) {
    this.#node = node
    this.#instance = instance
    this.#over = over
  }

  get instance(): ServiceInstance<P> {
    return this.#instance
  }

  /** The znode that stands for it. */
  get node(): PersistentNode {
    return this.#node
  }

  /** Says something else of the instance: all but its name, id and type can change. */
  async update(changes: Partial<Omit<ServiceInstance<P>, 'name' | 'id' | 'serviceType'>>): Promise<void> {
    this.#instance = { ...this.#instance, ...changes }
    await this.#node.setData(serializeInstance(this.#instance))
  }

  /** Takes it out, whatever its type. */
  async unregister(): Promise<void> {
    this.#over()
    await this.#node.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.unregister()
  }
}

/**
 * Services that find each other, in the layout of Curator's x-discovery: `<base>/<service>/<instance id>`, with JSON.
 *
 * @example
 * await using discovery = new ServiceDiscovery(zk, '/services')
 * await discovery.register({ name: 'worker', address: '10.0.0.7', port: 8080 })
 * await using provider = await discovery.provider('worker')
 * provider.instance() // { name: 'worker', id: …, address: '10.0.0.7', port: 8080, … }
 */
export class ServiceDiscovery<P = unknown> implements AsyncDisposable {
  readonly path: string
  readonly #zk: ZooKeeper
  readonly #payload: (value: unknown) => P
  readonly #registrations = new Set<Registration<P>>()

  constructor(zk: ZooKeeper, path: string, options: ServiceDiscoveryOptions<P> = {}) {
    this.path = path
    this.#zk = zk
    this.#payload = options.payload ?? ((value) => value as P)
  }

  /**
   * Registers an instance. One of the same id that an earlier process has left is replaced.
   *
   * @throws {ArgumentError} if its name or id is no name of a znode
   */
  async register(instance: NewInstance<P>, signal?: AbortSignal): Promise<Registration<P>> {
    const { clock, random } = this.#zk.env
    const complete: ServiceInstance<P> = {
      id: uuid(random),
      address: null,
      port: null,
      sslPort: null,
      payload: null,
      registrationTimeUTC: clock.wallMs(),
      serviceType: 'DYNAMIC',
      uriSpec: null,
      enabled: true,
      ...instance,
    }
    const path = joinPath(this.#pathOf(complete.name), checkedName(complete.id))
    const how = { mode: MODES[complete.serviceType], data: serializeInstance(complete), takeOver: true, signal }
    const node = await PersistentNode.start(this.#zk, path, how)
    const registration = new Registration(node, complete, () => this.#registrations.delete(registration))
    this.#registrations.add(registration)
    return registration
  }

  /** The names of all services that there have been instances of. */
  async names(options?: CallOptions): Promise<string[]> {
    return (await childrenOf(this.#zk, this.path, options)).sort()
  }

  /** The instances of a service, asked of the servers. What is no instance is passed by. */
  async instances(name: string, options?: CallOptions): Promise<ServiceInstance<P>[]> {
    const ids = await childrenOf(this.#zk, this.#pathOf(name), options)
    const found = await Promise.all(ids.sort().map((id) => this.#read(name, id, options).catch(nullIfInvalid)))
    return found.filter((instance) => instance !== null)
  }

  /** One instance; null: there is none. @throws {InstanceFormatError} */
  instance(name: string, id: string, options?: CallOptions): Promise<ServiceInstance<P> | null> {
    return this.#read(name, id, options)
  }

  /** The instances of a service, kept at hand. */
  cache(name: string, signal?: AbortSignal): Promise<ServiceCache<P>> {
    return ServiceCache.start(this.#zk, this.#pathOf(name), this.#payload, signal)
  }

  /** Someone who gives one instance of a service after another. */
  async provider(name: string, options: ProviderOptions<P> = {}, signal?: AbortSignal): Promise<ServiceProvider<P>> {
    return new ServiceProvider(await this.cache(name, signal), this.#zk.env.clock, options)
  }

  /** Takes out all that was registered here, whatever its type, as Curator does. */
  async close(): Promise<void> {
    await Promise.all([...this.#registrations].map((registration) => registration.unregister()))
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #pathOf(name: string): string {
    return joinPath(this.path, checkedName(name))
  }

  async #read(name: string, id: string, options: CallOptions | undefined): Promise<ServiceInstance<P> | null> {
    try {
      const { data } = await this.#zk.getData(joinPath(this.#pathOf(name), checkedName(id)), options)
      return parseInstance(data, this.#payload)
    } catch (error) {
      if (KeeperError.is(error, 'NONODE')) return null
      throw error
    }
  }
}

function nullIfInvalid(error: unknown): null {
  if (error instanceof InstanceFormatError) return null
  throw error
}

/** A slash would make two names of it. */
function checkedName(name: string): string {
  if (name === '' || name.includes('/')) throw new ArgumentError(`${JSON.stringify(name)} is no name of a znode`)
  return name
}
