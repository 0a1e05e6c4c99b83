import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ZooKeeper } from '@vivarium/client'
import type { Contender } from '../../compare/contender.ts'
import { MeasuredServer } from '../../compare/measured-server.ts'
import { median } from '../../compare/results.ts'
import { DATA_BYTES, LOADS, type LoadName, ROOT, type Throughput, type ThroughputSpec, ZNODES } from './measure.ts'
import { installedPackages } from './packages.ts'
import { SUBJECTS, type SubjectName } from './subject.ts'

const PROCESS = fileURLToPath(new URL('./main.js', import.meta.url))
const DEPTHS = [16, 256]

export interface ThroughputOptions {
  readonly servers: readonly Contender[]
  readonly rounds: number
  readonly seconds: number
}

/** Medians of one client under one load at one server. */
export interface ThroughputRow {
  readonly server: string
  readonly load: LoadName
  readonly depth: number
  readonly client: SubjectName
  readonly operationsPerSecond: number
  readonly cpuMicrosPerOperation: number
  /** How many times as many operations a second ours does; null for ours. */
  readonly oursIsTimes: number | null
  readonly rounds: readonly Throughput[]
}

/** Measures all clients at each server: in turns, each round beginning with another one. */
export async function compareThroughput({ servers, rounds, seconds }: ThroughputOptions): Promise<ThroughputRow[]> {
  const packages = installedPackages()
  const directory = mkdtempSync(join(tmpdir(), 'vivarium-bench-clients-'))
  process.once('exit', () => rmSync(directory, { recursive: true, force: true }))
  const rows: ThroughputRow[] = []
  for (const [at, contender] of servers.entries()) {
    const server = await MeasuredServer.create(contender, join(directory, String(at)))
    await server.start()
    await fill(server.port)
    for (const load of LOADS) {
      for (const depth of DEPTHS) {
        const measured = new Map<SubjectName, Throughput[]>(SUBJECTS.map((name) => [name, []]))
        for (let round = 0; round < rounds; round++) {
          for (let turn = 0; turn < SUBJECTS.length; turn++) {
            const subject = SUBJECTS[(round + turn) % SUBJECTS.length] as SubjectName
            const spec = { subject, port: server.port, packages, load, depth, seconds }
            measured.get(subject)?.push(await inProcess(spec))
          }
        }
        rows.push(...rowsOf(contender.name, load, depth, measured))
      }
    }
    await server.end('SIGTERM')
  }
  return rows
}

async function fill(port: number): Promise<void> {
  await using zk = await ZooKeeper.connect(`127.0.0.1:${port}`)
  await zk.ensurePath(ROOT)
  const data = Buffer.alloc(DATA_BYTES, 'x')
  await Promise.all(Array.from({ length: ZNODES }, (_, i) => zk.create(`${ROOT}/n${i}`, { data })))
}

async function inProcess(spec: ThroughputSpec): Promise<Throughput> {
  const child = fork(PROCESS, [JSON.stringify(spec)], { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] })
  const kill = (): boolean => child.kill('SIGKILL')
  process.once('exit', kill)
  let complaints = ''
  child.stderr?.on('data', (chunk) => {
    complaints += chunk
  })
  let result: Throughput | null = null
  child.on('message', (message) => {
    result = message as Throughput
  })
  await once(child, 'close')
  process.removeListener('exit', kill)
  if (result === null) throw new Error(`${spec.subject}, ${spec.load}: ${complaints.trim()}`)
  return result
}

function rowsOf(
  server: string,
  load: LoadName,
  depth: number,
  measured: ReadonlyMap<SubjectName, readonly Throughput[]>,
): ThroughputRow[] {
  const speed = (rounds: readonly Throughput[] = []): number =>
    median(rounds.map(({ operationsPerSecond }) => operationsPerSecond))
  const ours = speed(measured.get('vivarium'))
  return [...measured].map(([client, rounds]) => ({
    server,
    load,
    depth,
    client,
    operationsPerSecond: Math.round(speed(rounds)),
    cpuMicrosPerOperation: Number(
      median(rounds.map(({ cpuMicrosPerOperation }) => cpuMicrosPerOperation)).toPrecision(3),
    ),
    oursIsTimes: client === 'vivarium' ? null : Number((ours / speed(rounds)).toPrecision(3)),
    rounds,
  }))
}

/** The rows as text, for a terminal. */
export function formatThroughput(rows: readonly ThroughputRow[]): string {
  return rows
    .map(({ server, load, depth, client, operationsPerSecond, cpuMicrosPerOperation, oursIsTimes }) => {
      const name = `${server}: ${load} d=${depth}`.padEnd(40)
      const times = oursIsTimes === null ? '' : `ours is ${oursIsTimes.toFixed(2)} times as fast`
      const figures = `${String(operationsPerSecond).padStart(9)} ops/s ${cpuMicrosPerOperation.toFixed(1).padStart(7)} µs`
      return `${name} ${client.padEnd(22)} ${figures}  ${times}`.trimEnd()
    })
    .join('\n')
}
