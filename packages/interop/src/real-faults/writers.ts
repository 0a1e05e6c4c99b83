import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Stat } from '@vivarium/protocol'
import { apacheClassPath } from '../apache.ts'
import { kazooPython } from '../clients/peers.ts'
import { cached, PACKAGE, run } from '../install.ts'
import type { Lab } from './lab.ts'

const SOURCES = join(PACKAGE, 'src', 'real-faults')

/** A write of somebody else's client, as its program tells it. */
export interface ForeignWrite {
  readonly client: string
  readonly sessionId: bigint
  readonly kind: 'create' | 'setData'
  readonly path: string
  /** No two writes have the same. */
  readonly data: string
  /** Milliseconds since 1970. */
  readonly askedMs: number
  /** Null: it does not know what came of it. */
  readonly answeredMs: number | null
  readonly stat: Stat | null
}

interface Line {
  readonly kind: 'create' | 'setData'
  readonly path: string
  readonly data: string
  readonly asked: number
  readonly answered: number | null
  readonly stat: readonly number[] | null
  readonly session: string
}

const FIELDS = [
  'czxid',
  'mzxid',
  'ctime',
  'mtime',
  'version',
  'cversion',
  'aversion',
  'ephemeralOwner',
  'dataLength',
  'numChildren',
  'pzxid',
] as const satisfies readonly (keyof Stat)[]

/** The command lines of the programs, which are made ready by this. */
export function writerCommands(): Readonly<Record<'kazoo' | 'java', readonly string[]>> {
  const program = join(SOURCES, 'java', 'FaultWriter.java')
  const classes = cached('fault-writer', [readFileSync(program, 'utf8')], (folder) => {
    run('javac', ['-d', folder, '-cp', apacheClassPath(), program])
  })
  const options = ['-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Dzk.log=OFF', '-cp', apacheClassPath(classes)]
  return {
    kazoo: [kazooPython(), '-u', join(SOURCES, 'python', 'writer.py')],
    java: ['java', ...options, 'FaultWriter'],
  }
}

/** Lets a program write for so many seconds. */
export async function foreignWrites(
  client: string,
  [file = '', ...args]: readonly string[],
  lab: Lab,
  seconds: number,
): Promise<ForeignWrite[]> {
  const hosts = lab.servers.map(({ host, port }) => `${host}:${port}`).join()
  const child = spawn(file, [...args, client, hosts, String(seconds)], { stdio: ['ignore', 'pipe', 'inherit'] })
  process.once('exit', () => child.kill('SIGKILL'))
  const writes: ForeignWrite[] = []
  createInterface({ input: child.stdout }).on('line', (line) => writes.push(foreignWrite(client, JSON.parse(line))))
  const [code] = await once(child, 'close')
  if (code !== 0) throw new Error(`${client} ended with ${code}`)
  return writes
}

function foreignWrite(client: string, { kind, path, data, asked, answered, stat, session }: Line): ForeignWrite {
  const told = stat === null ? null : Object.fromEntries(FIELDS.map((field, at) => [field, stat[at]]))
  return {
    client,
    sessionId: BigInt.asIntN(64, BigInt(session)),
    kind,
    path,
    data,
    askedMs: asked,
    answeredMs: answered,
    stat: told === null ? null : ({ ...told, ephemeralOwner: 0n } as unknown as Stat),
  }
}
