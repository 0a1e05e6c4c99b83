import type { Database, Processor } from '@vivarium/core'
import type { Listener } from '@vivarium/env'
import { epochOf, errno, formatZxid } from '@vivarium/protocol'
import type { Metrics } from '../admin/metrics.ts'
import type { ServerStats } from '../admin/server-stats.ts'
import type { RestoreOutcome } from '../admin/view.ts'
import type { Clients } from '../clients/clients.ts'
import type { ServerConfig } from '../config/server-config.ts'
import { ClientFront } from '../serving/client-front.ts'
import { createProcessor } from '../serving/create-processor.ts'
import { feedGauges } from '../serving/gauges.ts'
import { MasterDuties } from '../serving/master-duties.ts'
import { RoleHistory } from '../serving/role-history.ts'
import type { Server } from '../serving/server.ts'
import { ServerData } from '../serving/server-data.ts'
import type { ServerEnv } from '../serving/server-env.ts'
import { ServerView } from '../serving/server-view.ts'
import { StartError } from '../start-error.ts'
import { type DataDirectory, loadSnapshotStream, type Recovery } from '../storage/index.ts'

/** Sessions of a standalone server have this in the top byte of their ids. */
const SERVER_ID = 1

/**
 * A standalone server: wires storage, pipeline and clients together. What it takes from the world it is given, so that it
 * runs in a simulator as well.
 */
export class StandaloneServer implements Server {
  readonly config: ServerConfig
  readonly view: ServerView
  readonly failed: Promise<StartError>
  readonly mode = 'standalone'
  readonly serverId = 0
  readonly roles: RoleHistory
  readonly member = null
  readonly #env: ServerEnv
  readonly #directory: DataDirectory
  readonly #front: ClientFront
  readonly #data: ServerData
  #fail: (error: StartError) => void = () => {}
  #processor: Processor | null = null
  #duties: MasterDuties | null = null
  #closing = false
  #restoring = false

  constructor(config: ServerConfig, directory: DataDirectory, env: ServerEnv) {
    this.config = config
    this.#env = env
    this.roles = new RoleHistory(env.clock)
    this.#directory = directory
    this.failed = new Promise((resolve) => {
      this.#fail = resolve
    })
    const front = new ClientFront(config, env)
    this.#front = front
    this.#data = new ServerData({
      config,
      directory,
      env,
      front,
      removeDeadSessions: true,
      committed: null,
      events: {
        synced: (zxid) => this.#synced(zxid),
        full: (full) => {
          this.processor.refuseWrites = full ? errno('SYSTEMERROR') : 0
        },
        failed: (error) => this.#fail(error),
      },
    })
    front.clients.onTurnEnd = () => this.#data.turnEnded()
    this.view = new ServerView(this, env, directory)
  }

  get metrics(): Metrics {
    return this.#front.metrics
  }

  get stats(): ServerStats {
    return this.#front.stats
  }

  get clients(): Clients {
    return this.#front.clients
  }

  get processor(): Processor {
    return this.#processor as Processor
  }

  get pipeline(): Processor | null {
    return this.#processor
  }

  get database(): Database {
    return this.#data.database
  }

  /** Writes a snapshot while serving goes on. False if one was being written already, or it failed. */
  takeSnapshot(): Promise<boolean> {
    return this.#data.takeSnapshot()
  }

  get diskFull(): boolean {
    return this.#data.isFull
  }

  get serving(): boolean {
    return this.#processor !== null && !this.#closing && !this.#restoring
  }

  listen(port: number): Promise<Listener> {
    return this.#front.listen(port)
  }

  listenSecurely(port: number): Promise<Listener> {
    return this.#front.listen(port, true)
  }

  async serve(): Promise<string> {
    const recovery = await this.#data.load(true)
    // It vouches for an empty database once, and a server that stands alone needs nobody to do so.
    await this.#directory.takeInitializeMarker()
    this.#begin()
    this.roles.changed('standalone', epochOf(this.database.tree.lastProcessedZxid), null)
    feedGauges(this, this.#front.serverMetrics.ensembleAuth, this.#env.clientNetworks?.counts)
    return describeRecovery(recovery)
  }

  /**
   * Replaces everything, on the disk as well. Zxids go on growing, so that clients which have seen the old ones are let in
   * again (ZooKeeperServer.restoreFromSnapshot).
   */
  async restore(snapshot: AsyncIterable<Uint8Array>): Promise<RestoreOutcome> {
    if (!this.serving) return { ok: false, possible: true, reason: 'the server does not serve' }
    const loaded = await loadSnapshotStream(snapshot, this.#data.treeOptions())
    if (typeof loaded === 'string') return { ok: false, possible: true, reason: `the snapshot is damaged: ${loaded}` }
    if (!this.serving) return { ok: false, possible: true, reason: 'the server does not serve any more' }
    const { tree, sessions } = loaded
    const zxid = loaded.lastZxid ?? loaded.digest?.zxid ?? 0
    this.#restoring = true
    this.#duties?.stop()
    this.clients.stopServing('a snapshot is being restored')
    try {
      if (!(await this.#data.settled())) return { ok: false, possible: true, reason: 'the log cannot be written' }
      tree.lastProcessedZxid = Math.max(zxid, this.database.tree.lastProcessedZxid + 1)
      await this.#data.install(tree, sessions)
      this.#begin()
      this.#env.log.info('A snapshot was restored.', {
        zxid: formatZxid(zxid),
        now: formatZxid(tree.lastProcessedZxid),
      })
      return { ok: true, zxid }
    } catch (error) {
      const reason = `the snapshot cannot be written: ${error instanceof Error ? error.message : String(error)}`
      this.#fail(new StartError('DATA', reason, { cause: error }))
      return { ok: false, possible: true, reason }
    } finally {
      this.#restoring = false
    }
  }

  /** Takes requests from here on, for what is in memory now. */
  #begin(): void {
    const { config } = this
    const { clock } = this.#env
    const parts = { config, env: this.#env, front: this.#front, data: this.#data }
    const processor = createProcessor(parts, SERVER_ID, this.#data)
    this.#processor = processor
    this.clients.serve(processor)
    const turnEnded = (): void => this.#data.turnEnded()
    this.#duties = new MasterDuties({
      config,
      clock,
      log: this.#env.log,
      metrics: this.metrics,
      processor,
      turnEnded,
    })
  }

  async close(): Promise<void> {
    if (this.#closing) return
    this.#closing = true
    this.#duties?.stop()
    await this.#front.drain()
    // What has been appended becomes durable and is answered; sessions stay, for the next start.
    await this.#data.close()
    this.clients.close()
    await this.#env.snapshots.close()
    await this.#directory.close()
  }

  #synced(zxid: number): void {
    const { clients } = this
    clients.readClocks()
    this.processor.committed(zxid, clients.nowMs)
    clients.resumePaused()
    clients.endTurn()
  }
}

/** For messages: where a recovered server stands. */
export function describeRecovery({ transactions, snapshot, lastZxid }: Recovery): string {
  const from = snapshot === null ? 'an empty database' : snapshot.path
  return `${transactions} transactions replayed over ${from}; at zxid ${formatZxid(lastZxid)}`
}
