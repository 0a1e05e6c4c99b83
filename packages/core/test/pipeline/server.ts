import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import {
  AccessControl,
  type AuthProvider,
  authProviders,
  Database,
  DataTree,
  digestProvider,
  type Identity,
  ipProvider,
  Preparer,
  type PreparerOptions,
  Processor,
  Quotas,
  type Session,
  SessionTracker,
} from '@vivarium/core'
import { OpCode, Reader, readTxn, type Txn } from '@vivarium/protocol'
import { TestClient } from './client.ts'

export interface ServerOptions extends Partial<PreparerOptions> {
  readonly digestEnabled?: boolean
  readonly enforceQuota?: boolean
  readonly skipAcl?: boolean
  readonly providers?: readonly AuthProvider[]
}

/** The id that the digest provider gives to these credentials. */
export function digestIdentity(credentials: string): Identity {
  const [user] = credentials.split(':')
  return { scheme: 'digest', id: `${user}:${createHash('sha1').update(credentials).digest('base64')}` }
}

/** The pipeline of a server whose disk does nothing before it is told to. */
export class TestServer {
  readonly tree: DataTree
  readonly database: Database
  readonly preparer: Preparer
  readonly sessions: SessionTracker
  readonly processor: Processor
  /** What was appended to the log, decoded again. */
  readonly log: Txn[] = []
  /** Sessions whose end was applied. */
  readonly ended: Session[] = []
  nowMs = 1000
  wallMs = 1_700_000_000_000

  constructor(options: ServerOptions = {}) {
    const extendedTypes = options.extendedTypes ?? false
    this.tree = new DataTree({ hashSeed: 1, extendedTypes, digestEnabled: options.digestEnabled ?? true })
    const providers = options.providers ?? [ipProvider, digestProvider({ algorithm: 'sha1', superDigest: null })]
    this.database = new Database({
      tree: this.tree,
      sessions: new Map(),
      access: new AccessControl(authProviders(...providers), options.skipAcl ?? false),
      quotas: new Quotas(this.tree, options.enforceQuota ?? false),
    })
    this.preparer = new Preparer(this.database, {
      extendedTypes,
      closeSessionPaths: options.closeSessionPaths ?? true,
      reconfigEnabled: options.reconfigEnabled ?? false,
      ensemble: options.ensemble ?? null,
    })
    this.sessions = new SessionTracker({
      serverId: 1,
      tickMs: 2000,
      minTimeoutMs: 4000,
      maxTimeoutMs: 40_000,
      nowMs: this.nowMs,
    })
    this.processor = new Processor({
      database: this.database,
      preparer: this.preparer,
      sessions: this.sessions,
      sink: {
        append: (zxid, record, start, end) => {
          const txn = readTxn(new Reader(record.slice(start, end)))
          assert.equal(txn.zxid, zxid)
          assert.equal(zxid, (this.log.at(-1)?.zxid ?? 0) + 1, 'zxids have no gaps')
          this.log.push(txn)
        },
      },
      clock: { wallMs: () => this.wallMs, monotonicMs: () => this.nowMs },
    })
    this.processor.onSessionEnded = (session) => this.ended.push(session)
  }

  /** Up to this zxid, or all there is, the log is on the disk. */
  sync(zxid = this.preparer.lastZxid): void {
    this.processor.committed(zxid, this.nowMs)
    assert.equal(this.database.digestMismatches, 0, 'the digest is the predicted one')
    if (this.processor.inProcess > 0) return
    assert.equal(this.preparer.changes.size, 0)
    const { digestHigh, digestLow } = this.preparer.changes
    assert.deepEqual([digestHigh, digestLow], [this.tree.digestHigh, this.tree.digestLow])
  }

  /** A client whose session exists. */
  client(...identities: readonly Identity[]): TestClient {
    const session = this.sessions.open(10_000, this.nowMs)
    const client = new TestClient(this, session, [{ scheme: 'ip', id: '127.0.0.1' }, ...identities])
    session.owner = client
    this.processor.createSession(client, session, this.nowMs)
    this.sync()
    assert.deepEqual(client.opened, [true])
    return client
  }

  /** Bytes that a request's body consists of; nothing is to be kept of them beyond the call. */
  handle(client: TestClient, xid: number, opcode: number, body: Uint8Array): void {
    const bytes = new Uint8Array(body.length + 16)
    bytes.fill(0xa5)
    bytes.set(body, 8)
    const reader = new Reader(bytes, 8, 8 + body.length)
    this.processor.handle(client, xid, opcode, reader, this.nowMs)
    // The socket reads the next bytes to the same place.
    bytes.fill(0x5a)
  }

  /** The end of a session that has expired. */
  expire(client: TestClient): void {
    this.processor.closeSession(client.session, this.nowMs)
  }

  /** What the log has after the sessions' creation. */
  get writes(): Txn[] {
    return this.log.filter((txn) => txn.type !== OpCode.createSession)
  }
}
