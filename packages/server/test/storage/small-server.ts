import {
  AccessControl,
  ApplyResult,
  applyTxn,
  authProviders,
  type CommittedLog,
  Database,
  type DataTree,
  Quotas,
  DataTree as Tree,
} from '@vivarium/core'
import { type Disk, silentLog } from '@vivarium/env'
import { OPEN_ACL_UNSAFE, OpCode, type Txn, type TxnBody, type TxnDigest, Writer, writeTxn } from '@vivarium/protocol'
import { type Recovery, recover } from '../../dist/storage/recovery.js'
import type { Compression } from '../../dist/storage/snapshot-format.js'
import { InlineSnapshotRunner } from '../../dist/storage/snapshot-runner.js'
import { type SnapshotOutcome, SnapshotStore } from '../../dist/storage/snapshot-store.js'
import type { TransactionLog } from '../../dist/storage/transaction-log.js'
import { LOG_DIRECTORY, ManualClock, openLog, settled } from './fixtures.ts'

export const TREE_OPTIONS = { hashSeed: 1, extendedTypes: true }

export function createDatabase(tree: DataTree, sessions: Map<bigint, number>): Database {
  return new Database({
    tree,
    sessions,
    access: new AccessControl(authProviders(), false),
    quotas: new Quotas(tree, false),
  })
}

/** Everything that a client could ask of a database, as text. */
export function dump({ tree, sessions }: Database): string {
  const lines: string[] = []
  const visit = (node: number): void => {
    const stat = [
      tree.czxid(node),
      tree.mzxid(node),
      tree.pzxid(node),
      tree.ctime(node),
      tree.mtime(node),
      tree.version(node),
      tree.cversion(node),
      tree.aversion(node),
    ]
    const data = tree.data(node)
    const text = data === null ? 'null' : Buffer.from(data).toString('latin1')
    const acl = JSON.stringify(tree.acls.get(tree.aclId(node)))
    lines.push(`${tree.pathOf(node)} ${stat.join(' ')} ${tree.owner(node)} ${acl} ${text}`)
    tree.forEachChild(node, visit)
  }
  visit(0)
  lines.sort()
  for (const [id, timeout] of [...sessions].sort()) lines.push(`session ${id} ${timeout}`)
  lines.push(`zxid ${tree.lastProcessedZxid}`, `digest ${tree.digestHigh} ${tree.digestLow}`)
  return lines.join('\n')
}

export function recoverFrom(
  disk: Disk,
  settings: { trustEmptySnapshot?: boolean; directory?: string; committed?: CommittedLog } = {},
): Promise<Recovery> {
  return recover({
    disk,
    log: silentLog,
    snapshotDirectory: settings.directory ?? LOG_DIRECTORY,
    logDirectory: settings.directory ?? LOG_DIRECTORY,
    tree: TREE_OPTIONS,
    createDatabase,
    trustEmptySnapshot: settings.trustEmptySnapshot ?? false,
    trustEmptyDatabase: true,
    removeDeadSessions: true,
    committed: settings.committed ?? null,
  })
}

/** Sessions, transactions, log and snapshots, without clients: what is on the disk is what a server would write. */
export class SmallServer {
  /** What has been applied: everything that is on the disk. */
  readonly database: Database
  readonly log: TransactionLog
  readonly snapshots: SnapshotStore
  /** What the database is after each transaction, by zxid. */
  readonly states = new Map<number, string>()
  acknowledged: number
  appended: number
  failure: string | null = null
  readonly #ahead: Database
  readonly #waiting: { zxid: number; txn: Txn }[] = []
  readonly #writer = new Writer()
  readonly #clock: ManualClock

  constructor(
    disk: Disk,
    recovered: Recovery,
    ahead: Recovery,
    settings: { clock?: ManualClock; preAllocBytes?: number; compression?: Compression; forceSync?: boolean } = {},
  ) {
    this.#clock = settings.clock ?? new ManualClock()
    this.database = recovered.database
    // The same once more, to know what a transaction will have done before it is on the disk.
    this.#ahead = ahead.database
    this.acknowledged = recovered.lastZxid
    this.appended = recovered.lastZxid
    this.states.set(recovered.lastZxid, dump(this.database))
    this.log = openLog({
      disk,
      clock: this.#clock,
      preAllocBytes: settings.preAllocBytes ?? 16_384,
      forceSync: settings.forceSync ?? true,
      events: {
        synced: (zxid) => this.#synced(zxid),
        failed: (error) => {
          this.failure = error.code ?? error.message
        },
        full: () => {},
        recovered: () => {},
      },
    })
    this.snapshots = new SnapshotStore({
      disk,
      clock: this.#clock,
      log: silentLog,
      directory: LOG_DIRECTORY,
      compression: settings.compression ?? 'none',
      withLastZxid: true,
      runner: new InlineSnapshotRunner(disk, this.#clock),
      pieceBytes: 512,
    })
  }

  static async start(disk: Disk, settings: ConstructorParameters<typeof SmallServer>[3] = {}): Promise<SmallServer> {
    const recovered = await recoverFrom(disk)
    return new SmallServer(disk, recovered, await recoverFrom(disk), settings)
  }

  /** Logs a transaction; it is applied once it is on the disk. */
  submit(body: TxnBody | { type: number; record: null }, clientId = 1n): void {
    const zxid = this.appended + 1
    const txn = { clientId, cxid: zxid, zxid, time: 1000 + zxid, ...body, digest: null } as Txn
    applyTxn(this.#ahead, txn, new ApplyResult())
    const { tree } = this.#ahead
    const digest: TxnDigest = { version: 2, high: tree.digestHigh | 0, low: tree.digestLow | 0 }
    this.#writer.clear()
    writeTxn(this.#writer, { ...txn, digest })
    this.#waiting.push({ zxid, txn: { ...txn, digest } })
    this.log.append(zxid, this.#writer.bytes, 0, this.#writer.length)
    this.appended = zxid
    this.states.set(zxid, dump(this.#ahead))
  }

  create(path: string, data = 'x', options: { ephemeral?: boolean; clientId?: bigint } = {}): void {
    const parent = path.slice(0, path.lastIndexOf('/')) || '/'
    const { tree } = this.#ahead
    const parentCVersion = tree.cversion(tree.find(parent)) + 1
    const { ephemeral = false, clientId = 1n } = options
    const record = { path, data: Buffer.from(data), acl: OPEN_ACL_UNSAFE, ephemeral, parentCVersion }
    this.submit({ type: OpCode.create, record }, clientId)
  }

  setData(path: string, data: string): void {
    const { tree } = this.#ahead
    const version = tree.version(tree.find(path)) + 1
    this.submit({ type: OpCode.setData, record: { path, data: Buffer.from(data), version } })
  }

  remove(path: string): void {
    this.submit({ type: OpCode.delete, record: { path } })
  }

  takeSnapshot(): Promise<SnapshotOutcome> {
    this.log.roll()
    return this.snapshots.take(this.database, () => this.log.settled())
  }

  /** Writes what was submitted; if the disk is full, tries again a second later. */
  async flush(): Promise<void> {
    this.log.flush()
    await settled()
    if (this.log.state !== 'full') return
    this.#clock.advance(1000)
    await settled()
  }

  #synced(zxid: number): void {
    while (this.#waiting.length > 0 && this.#waiting[0]!.zxid <= zxid) {
      applyTxn(this.database, this.#waiting.shift()!.txn, new ApplyResult())
    }
    this.acknowledged = zxid
  }
}

/** An empty tree. */
export function emptyTree(): DataTree {
  return new Tree(TREE_OPTIONS)
}
