import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { REPOSITORY } from '../install.ts'
import { type ServerKind, ServerProcess } from '../server-process.ts'
import { populate } from './populate.ts'
import { java, PACKAGE } from './tools.ts'

const VIVARIUM = join(REPOSITORY, 'packages', 'cli', 'bin', 'vivarium.js')

function vivarium(...args: string[]): { status: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [VIVARIUM, ...args], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  })
  return { status, output: `${stdout}${stderr}` }
}

/** A server's directory has nothing wrong with it, however the server ended: at most a last write that was cut off. */
export function askDoctor(dataDirectory: string): string[] {
  const { status, output } = vivarium('doctor', dataDirectory)
  return status === 0 ? [] : [`the doctor finds something in ${dataDirectory}: ${output}`]
}

/** Fills a data directory with a server, and compares what Apache's tools and ours make of its files. */
export async function compareTools(writer: ServerKind): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'interop-tools-'))
  try {
    const config = { snapCount: '60', extendedTypesEnabled: 'true', maxSessionTimeout: '600000' }
    const server = await ServerProcess.start(writer, { directory: folder, config })
    try {
      for (const name of ['one', 'two']) await populate(server.port, name)
      await server.stop()
    } finally {
      await server.dispose()
    }
    const files = join(folder, 'data', 'version-2')
    const named = (prefix: string): string[] =>
      readdirSync(files)
        .filter((name) => name.startsWith(prefix) && !name.endsWith('.tmp'))
        .sort((a, b) => Number.parseInt(a.slice(prefix.length), 16) - Number.parseInt(b.slice(prefix.length), 16))
        .map((name) => join(files, name))
    const log = named('log.').at(0) as string
    const snapshot = named('snapshot.').at(-1) as string
    const complaints = [
      ...compareLog(log),
      ...compareChopped(log, folder),
      ...compareSnapshot(snapshot),
      ...compareSummary(snapshot),
      ...compareForNcdu(snapshot),
    ]
    return [...complaints, ...askDoctor(join(folder, 'data'))]
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Java prints the records of a multi as the bytes that they are; ours says what they are. */
const isMulti = (line: string): boolean => / zxid 0x[0-9a-f]+ multi /.test(line)

function compareLog(path: string): string[] {
  const split = (output: string): string[] => output.split(/\n(?=\d+\/\d+\/\d+, |EOF)/)
  const theirs = split(java(`${PACKAGE}.persistence.TxnLogToolkit`, ['-d', path]).output)
  const ours = split(vivarium('log', path).output)
  const head = (line: string): string => (isMulti(line) ? line.replace(/ multi .*/s, ' multi') : line)
  return differing(`the log ${basename(path)}`, theirs.map(head), ours.map(head))
}

function compareChopped(path: string, folder: string): string[] {
  const first = Number.parseInt(basename(path).slice('log.'.length), 16)
  const copies = ['theirs', 'ours'].map((name) => {
    const directory = join(folder, name)
    mkdirSync(directory)
    copyFileSync(path, join(directory, basename(path)))
    return join(directory, basename(path))
  }) as [string, string]
  const zxid = String(first + 5)
  java(`${PACKAGE}.persistence.TxnLogToolkit`, ['-c', '-z', zxid, copies[0]])
  vivarium('log', '-c', '-z', zxid, copies[1])
  const [theirs, ours] = copies.map((copy) => readFileSync(`${copy}.chopped${zxid}`)) as [Buffer, Buffer]
  return theirs.equals(ours) ? [] : [`chopped at ${zxid}: ${ours.length} bytes, where Apache has ${theirs.length}`]
}

/** Znodes and sessions in Apache's order of hash tables are compared in the order of their names. */
function compareSnapshot(path: string): string[] {
  const complaints: string[] = []
  for (const options of [[], ['-d']]) {
    const parts = (output: string): string[] =>
      output.split('----\n').flatMap((part) => {
        // Apache counts the root twice.
        if (part.startsWith('ZNode Details')) return []
        if (!part.startsWith('Session Details')) return [part]
        // Apache has a line for the digest, too, but reads no further than the znodes.
        return part.split('\n').filter((line) => !line.startsWith('Target zxid digest'))
      })
    const theirs = parts(java(`${PACKAGE}.SnapshotFormatter`, [...options, path]).output).sort()
    const ours = parts(vivarium('snapshot', ...options, path).output).sort()
    complaints.push(...differing(`the snapshot ${basename(path)} ${options}`, theirs, ours))
  }
  return complaints
}

type Usage = { readonly name: string; readonly asize: number } | readonly Usage[]

function compareForNcdu(path: string): string[] {
  const lines = (output: string): string[] => {
    const found: string[] = []
    const visit = (usage: Usage, above: string): void => {
      const [own, ...below] = (Array.isArray(usage) ? usage : [usage]) as [{ name: string; asize: number }, ...Usage[]]
      const at = `${above}/${own.name}`
      found.push(`${at} ${own.asize}`)
      for (const each of below) visit(each, at)
    }
    visit((JSON.parse(output) as [number, number, object, Usage])[3], '')
    return found.sort()
  }
  const theirs = lines(java(`${PACKAGE}.SnapshotFormatter`, ['-json', path]).output)
  return differing(`what ${basename(path)} has for ncdu`, theirs, lines(vivarium('snapshot', '--ncdu', path).output))
}

function compareSummary(path: string): string[] {
  const complaints: string[] = []
  for (const depth of ['0', '1', '2']) {
    const blocks = (output: string): string[] =>
      output
        .trim()
        .split(/\n(?=-* \/)/)
        .map((block) => block.trim())
        .sort()
    const theirs = blocks(java(`${PACKAGE}.SnapshotRecursiveSummary`, [path, '/one', depth]).output)
    const ours = blocks(vivarium('snapshot', '--summary', '/one', '--depth', depth, path).output)
    complaints.push(...differing(`the summary of ${basename(path)} to depth ${depth}`, theirs, ours))
  }
  return complaints
}

function differing(what: string, theirs: readonly string[], ours: readonly string[]): string[] {
  const complaints: string[] = []
  for (let at = 0; at < Math.max(theirs.length, ours.length); at++) {
    if (theirs[at] !== ours[at]) complaints.push(`${what}: ${ours[at]}, where Apache's tool has ${theirs[at]}`)
  }
  return complaints
}
