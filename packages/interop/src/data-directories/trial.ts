import { cpSync, lstatSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { SUPER_DIGEST, SUPER_USER } from '../differential/vocabulary.ts'
import { RawClient } from '../raw-client.ts'
import { APACHE, type ServerKind, ServerProcess } from '../server-process.ts'
import { describeZnode, differences, walkTree } from '../tree-walk.ts'
import { askDoctor } from './compare-tools.ts'
import { beginToWrite, populate } from './populate.ts'
import { readWithTools } from './tools.ts'

/** A way in which a server leaves its data directory behind. */
export interface Variant {
  name: string
  config: Readonly<Record<string, string>>
  /** Whether it is stopped at rest, or killed while it is writing. */
  end: 'stopped' | 'killed'
}

const SNAPSHOTS = { snapCount: '60' }
const SNAPSHOTS_UNDER_LOAD = { snapCount: '500' }

export const VARIANTS: readonly Variant[] = [
  { name: 'stopped, log only', config: {}, end: 'stopped' },
  { name: 'stopped, with snapshots', config: SNAPSHOTS, end: 'stopped' },
  { name: 'killed, log only', config: {}, end: 'killed' },
  { name: 'killed, with snapshots', config: SNAPSHOTS_UNDER_LOAD, end: 'killed' },
  {
    name: 'killed, snapshots in gzip',
    config: { ...SNAPSHOTS_UNDER_LOAD, 'snapshot.compression.method': 'gz' },
    end: 'killed',
  },
  {
    name: 'killed, snapshots in snappy',
    config: { ...SNAPSHOTS_UNDER_LOAD, 'snapshot.compression.method': 'snappy' },
    end: 'killed',
  },
]

/** Settings that a directory is always served with. */
const COMMON = {
  maxSessionTimeout: '600000',
  extendedTypesEnabled: 'true',
  'DigestAuthenticationProvider.superDigest': SUPER_DIGEST,
}

/**
 * Lets one server fill a directory, and both servers open a copy of what it left; returns what they do not see alike, and
 * what else is wrong.
 */
export async function tryVariant(writer: ServerKind, reader: ServerKind, variant: Variant): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'interop-directory-'))
  try {
    const written = join(folder, 'written')
    const before = await fill(writer, written, variant)
    const trees: string[][] = []
    const complaints: string[] = []
    for (const kind of [APACHE, reader]) {
      const copy = join(folder, `opened-by-${kind.name}`)
      cpSync(join(written, 'data'), join(copy, 'data'), {
        recursive: true,
        filter: (file) => !lstatSync(file).isSocket(),
      })
      const opened = await open(kind, copy, variant.config)
      complaints.push(...opened.complaints)
      trees.push(opened.tree)
    }
    complaints.push(...differences(trees[0]!, trees[1]!))
    if (before !== null) complaints.push(...differences(before, trees[1]!))
    complaints.push(...readWithTools(join(written, 'data')), ...askDoctor(join(written, 'data')))
    return complaints
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Two servers take turns at one directory, each finding what the other left and adding to it. */
export async function takeTurns(one: ServerKind, other: ServerKind, turns: number): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'interop-turns-'))
  try {
    const complaints: string[] = []
    let left: string[] | null = null
    for (let turn = 0; turn < turns; turn++) {
      const kind = turn % 2 === 0 ? one : other
      const server = await serve(kind, folder, turn % 3 === 0 ? SNAPSHOTS : {})
      try {
        if (left !== null) complaints.push(...differences(left, await tree(server)))
        await populate(server.port, `turn-${turn}`)
        left = await tree(server)
        complaints.push(...(await mismatches(server)))
        const ended = await server.stop()
        if (ended !== 'exit code 0' && ended !== 'exit code 143') complaints.push(`${kind.name} stopped with ${ended}`)
      } finally {
        await server.dispose()
      }
    }
    return complaints
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function serve(kind: ServerKind, directory: string, config: Readonly<Record<string, string>>): Promise<ServerProcess> {
  return ServerProcess.start(kind, { directory, config: { ...COMMON, ...config } })
}

/** Returns the tree as it was before a stop, or `null` where nobody can know. */
async function fill(kind: ServerKind, directory: string, variant: Variant): Promise<string[] | null> {
  const server = await serve(kind, directory, variant.config)
  try {
    await populate(server.port, 'everything')
    if (variant.end === 'stopped') {
      const before = await tree(server)
      await server.stop()
      return before
    }
    const endings = [await beginToWrite(server.port, 'load-1'), await beginToWrite(server.port, 'load-2')]
    await delay(700)
    await server.kill()
    for (const ended of endings) await ended()
    return null
  } finally {
    await server.dispose()
  }
}

async function open(
  kind: ServerKind,
  directory: string,
  config: Readonly<Record<string, string>>,
): Promise<{ tree: string[]; complaints: string[] }> {
  const server = await serve(kind, directory, config)
  try {
    const seen = await tree(server)
    return { tree: seen, complaints: await mismatches(server) }
  } finally {
    await server.dispose()
  }
}

async function tree(server: ServerProcess): Promise<string[]> {
  const client = await RawClient.connect(server.port)
  await client.addAuth('digest', SUPER_USER)
  const lines = (await walkTree(client)).map((znode) => describeZnode(znode))
  await client.close()
  return lines
}

/** Both servers compare their tree's digest with that in every transaction they replay. */
async function mismatches(server: ServerProcess): Promise<string[]> {
  const count = /^zk_digest_mismatches_count\t(\d+)/m.exec(await server.word('mntr'))?.[1]
  return count === '0' ? [] : [`${server.kind.name} counts ${count ?? 'no'} digest mismatches`]
}
