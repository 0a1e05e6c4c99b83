import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { Op } from '../opcodes.ts'
import { Prng } from '../prng.ts'
import { ConnectionLost, RawClient, RequestFailed } from '../raw-client.ts'
import { createBody, OPEN_ACL, versionedBody } from '../records.ts'
import { type ServerKind, ServerProcess } from '../server-process.ts'
import { walkTree } from '../tree-walk.ts'

export interface DurabilityOptions {
  seed: number
  /** How often the server is killed. */
  kills: number
  writers: number
  config?: Readonly<Record<string, string>>
}

export interface DurabilityReport {
  acknowledged: number
  refused: number
  /** Requests whose reply was cut off: they may have been carried out or not. */
  unanswered: number
  /** What was lost or appeared out of nowhere. */
  complaints: string[]
}

/** What may be at a path, whatever happens: its data, or `null` for nothing. With a request under way, two things may. */
type Truth = Map<string, readonly (string | null)[]>

const IN_FLIGHT = 16

/**
 * Lets writers write, kills the server in the middle of it, starts it again and compares what is there with what had been
 * acknowledged and refused; again and again on the same directory.
 */
export async function checkDurability(kind: ServerKind, options: DurabilityOptions): Promise<DurabilityReport> {
  const directory = mkdtempSync(join(tmpdir(), 'interop-durability-'))
  const random = new Prng(options.seed)
  const report: DurabilityReport = { acknowledged: 0, refused: 0, unanswered: 0, complaints: [] }
  const truth: Truth = new Map()
  const serverOptions = { directory, config: options.config ?? {} }
  let server = await ServerProcess.start(kind, serverOptions)
  try {
    for (let round = 0; round < options.kills; round++) {
      const clients = await Promise.all(Array.from({ length: options.writers }, () => RawClient.connect(server.port)))
      const parents = clients.map((_, at) => `/${round}-${at}`)
      await Promise.all(clients.map((client, at) => client.create(parents[at] as string)))
      for (const parent of parents) truth.set(parent, [''])
      const writing = clients.map((client, at) => write(client, parents[at] as string, truth, report))
      await delay(200 + random.below(500))
      await server.kill()
      await Promise.all(writing)
      server = await ServerProcess.start(kind, serverOptions)
      report.complaints.push(...(await compare(server.port, truth)).map((line) => `after kill ${round + 1}: ${line}`))
    }
  } finally {
    await server.dispose()
    rmSync(directory, { recursive: true, force: true })
  }
  return report
}

/** Writes below a parent of its own until the connection ends, `IN_FLIGHT` requests at a time. */
async function write(client: RawClient, parent: string, truth: Truth, report: DurabilityReport): Promise<void> {
  await Promise.all(
    Array.from({ length: IN_FLIGHT }, async (_, lane) => {
      for (let number = 0; ; number++) {
        try {
          await writeOnce(client, `${parent}/${lane}-${number}`, number, truth, report)
        } catch (error) {
          if (!(error instanceof ConnectionLost)) throw error
          report.unanswered++
          return
        }
      }
    }),
  )
}

/** One of several kinds of writing, by turns. Nothing is known about `path` until a reply says so. */
async function writeOnce(client: RawClient, path: string, number: number, truth: Truth, report: DurabilityReport) {
  const data = Buffer.from(path)
  const other = `${path}-other`
  switch (number % 6) {
    case 0:
    case 1:
      await client.create(path, data)
      truth.set(path, [path])
      break
    case 2:
      await client.create(path, data)
      truth.set(path, [path])
      await refused(client.setData(path, Buffer.from('refused'), 7), report)
      break
    case 3:
      await client.create(path, data)
      truth.set(path, [path, 'second'])
      await client.setData(path, Buffer.from('second'), 0)
      truth.set(path, ['second'])
      break
    case 4:
      await client.create(path, data)
      truth.set(path, [path, null])
      await client.delete(path)
      truth.set(path, [null])
      break
    default:
      await client.multi([create(path), create(other)])
      truth.set(path, [path])
      truth.set(other, [other])
      await refused(client.multi([create(`${path}-never`), { op: Op.check, body: versionedBody(path, 7) }]), report)
      truth.set(`${path}-never`, [null])
  }
  report.acknowledged++
}

function create(path: string) {
  return { op: Op.create, body: createBody(path, Buffer.from(path), OPEN_ACL, 0) }
}

async function refused(request: Promise<unknown>, report: DurabilityReport): Promise<void> {
  try {
    await request
  } catch (error) {
    if (!(error instanceof RequestFailed)) throw error
    report.refused++
    return
  }
  throw new Error('a write with a wrong version was carried out')
}

async function compare(port: number, truth: Truth): Promise<string[]> {
  const client = await RawClient.connect(port)
  const found = new Map<string, string>()
  for (const znode of await walkTree(client)) found.set(znode.path, znode.content?.data?.toString() ?? 'unreadable')
  await client.close()
  const complaints: string[] = []
  for (const [path, allowed] of truth) {
    const got = found.get(path) ?? null
    if (!allowed.includes(got)) complaints.push(`${path} is ${got}, and should be ${allowed.join(' or ')}`)
  }
  // A multi is carried out whole or not at all, even if nobody was told.
  for (const [path, data] of found) {
    if (path.endsWith('-never')) complaints.push(`${path} is there, and was refused`)
    if (path.endsWith('-other') && !found.has(path.slice(0, -6)))
      complaints.push(`${path} is there without its other half`)
    if (data === 'refused') complaints.push(`${path} has data that was refused`)
  }
  return complaints
}
