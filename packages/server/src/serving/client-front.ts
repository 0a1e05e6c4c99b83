import { BlueThrottle, Database, type DataTree, LargeRequests, NamespaceTraffic, Quotas } from '@vivarium/core'
import type { Listener, ListenOptions } from '@vivarium/env'
import type { Txn } from '@vivarium/protocol'
import { createMetrics, type Metrics } from '../admin/metrics.ts'
import { ServerStats } from '../admin/server-stats.ts'
import { Clients } from '../clients/clients.ts'
import { ThrottledRequests } from '../clients/throttled-requests.ts'
import { METRICS_PROVIDERS } from '../config/keys/monitoring-keys.ts'
import type { ServerConfig } from '../config/server-config.ts'
import { clientSasl } from '../sasl/load-sasl.ts'
import { createAccess, offersTls } from './access.ts'
import { clientLimits, gateOptions, throttleOptions } from './client-limits.ts'
import type { ServerEnv } from './server-env.ts'
import { ServerMetrics } from './server-metrics.ts'

/** The side of a server that clients see, put together as configured: connections, limits, throttles, counts. */
export class ClientFront {
  readonly metrics: Metrics
  readonly stats: ServerStats
  readonly clients: Clients
  readonly serverMetrics: ServerMetrics
  /** Null where metrics go nowhere. */
  readonly #traffic: NamespaceTraffic | null
  readonly #config: ServerConfig
  readonly #env: ServerEnv

  constructor(config: ServerConfig, env: ServerEnv) {
    const { clock, log, random } = env
    this.#config = config
    this.#env = env
    const exported = config.metricsProvider === METRICS_PROVIDERS.prometheus
    this.metrics = createMetrics(exported)
    this.#traffic = config.metricsProvider === METRICS_PROVIDERS.none ? null : countTraffic(this.metrics)
    this.stats = new ServerStats(this.metrics, () => clock.monotonicMs())
    this.stats.resetsMetrics = !exported
    this.serverMetrics = new ServerMetrics(this.metrics, this.stats, log, () => clock.monotonicMs())
    this.clients = new Clients({
      clock,
      log,
      access: createAccess(config, this.serverMetrics.ensembleAuth, env.authProviders),
      throttle: new BlueThrottle(throttleOptions(config), () => random.uint32() / 2 ** 32, clock.monotonicMs()),
      largeRequests: new LargeRequests(config.largeRequestThreshold, config.largeRequestMaxBytes),
      limits: clientLimits(config),
      metrics: this.serverMetrics,
      audit: env.audit ?? null,
      sasl: clientSasl(config, env.sasl?.clients ?? null, random),
    })
    if (config.requestThrottleMaxRequests > 0 || config.throttledOpWaitTimeMs > 0) {
      this.clients.gate = new ThrottledRequests(this.clients, gateOptions(config), this.metrics)
    }
  }

  /**
   * Listens on `clientPort`, or on `secureClientPort`.
   *
   * @param host null: all addresses; undefined: as the configuration says
   */
  listen(port: number, secure = false, host?: string | null): Promise<Listener> {
    const { clientPortAddress, secureClientPortAddress, clientPortListenBacklog, clientTcpKeepAlive } = this.#config
    const configured = secure ? secureClientPortAddress : clientPortAddress
    const { network, clientNetworks } = this.#env
    const options: ListenOptions = {
      port,
      host: (host === undefined ? configured : host) ?? undefined,
      backlog: clientPortListenBacklog > 0 ? clientPortListenBacklog : undefined,
      keepAlive: clientTcpKeepAlive,
    }
    const carrier = (secure ? clientNetworks?.secureClients : clientNetworks?.clients) ?? network
    // Apache counts these with the network layer alone that can do TLS (NettyServerCnxnFactory.channelActive).
    const counts = !secure && offersTls(this.#config)
    return carrier.listen(options, (socket) => {
      if (counts) this.stats.connectedInTheClear(socket.remoteAddress)
      return this.clients.accept(socket)
    })
  }

  createDatabase(tree: DataTree, sessions: Map<bigint, number>): Database {
    const database = new Database({
      tree,
      sessions,
      access: this.clients.access,
      quotas: new Quotas(tree, this.#config.enforceQuota, this.serverMetrics),
      watchObserver: this.serverMetrics,
      traffic: this.#traffic,
    })
    if (this.#config.clientWatches > 0) database.watches.mostPaths = this.#config.clientWatches
    return database
  }

  /** How long it took from the leader's decision to here. */
  applied(txn: Txn): void {
    this.metrics.propagation_latency.observe(Math.max(0, this.clients.wallMs - txn.time))
  }

  /** Lets through what waits at the request throttle, for a while. */
  async drain(): Promise<void> {
    await this.clients.gate?.drain(this.#config.requestThrottlerShutdownTimeoutMs)
  }
}

function countTraffic({ read_per_namespace, write_per_namespace }: Metrics): NamespaceTraffic {
  const nowhere = { observe(): void {} }
  return new NamespaceTraffic((namespace) => ({
    reads: read_per_namespace.of(namespace) ?? nowhere,
    writes: write_per_namespace.of(namespace) ?? nowhere,
  }))
}
