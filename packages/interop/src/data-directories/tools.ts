import { spawnSync } from 'node:child_process'
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { apacheJava } from '../apache.ts'

export const PACKAGE = 'org.apache.zookeeper.server'

/** Of many files of a kind, the tools read so many, the oldest and the newest among them: each takes a JVM of its own. */
const MAX_FILES = 3

/** Has Apache's own tools read the logs and snapshots of a data directory; returns their complaints. */
export function readWithTools(dataDirectory: string): string[] {
  const folder = join(dataDirectory, 'version-2')
  // A name that ends in .tmp is that of a file which was being made when the server was killed.
  const files = (prefix: string) =>
    readdirSync(folder)
      .filter((name) => name.startsWith(prefix) && !name.endsWith('.tmp'))
      .sort((a, b) => zxidOf(a) - zxidOf(b))
      .map((name) => join(folder, name))
  const logs = files('log.')
  const newest = logs.at(-1)
  const snapshots = files('snapshot.')
  return [
    ...some(logs).flatMap((file) => readLog(file, file === newest)),
    // The newest may be the one that was being written when the server was killed.
    ...some(snapshots.length > 1 ? snapshots.slice(0, -1) : snapshots).flatMap(readSnapshot),
  ]
}

function zxidOf(name: string): number {
  return Number.parseInt(name.split('.')[1] ?? '', 16)
}

function some(files: string[]): string[] {
  return files.length <= MAX_FILES ? files : [files[0]!, ...files.slice(1 - MAX_FILES)]
}

/** The newest log may hold nothing yet; any may end in the middle of a record. */
function readLog(file: string, mayBeEmpty: boolean): string[] {
  // Apache's server, killed as it begins a log, leaves one without a header, which its own tool cannot read.
  if (mayBeEmpty && statSync(file).size === 0) return []
  const { status, output } = java(`${PACKAGE}.persistence.TxnLogToolkit`, ['-d', file])
  const transactions = output.match(/session 0x.* zxid 0x/g)?.length ?? 0
  if (output.includes('CRC')) return [`TxnLogToolkit finds a wrong checksum in ${file}: ${output.slice(-500)}`]
  return status === 0 && (transactions > 0 || mayBeEmpty)
    ? []
    : [`TxnLogToolkit cannot read ${file}: ${output.slice(-500)}`]
}

function readSnapshot(file: string): string[] {
  const { status, output } = java(`${PACKAGE}.SnapshotFormatter`, ['-d', file])
  const complete = /\/zookeeper\/quota\b/.test(output) && output.includes('Session Details')
  return status === 0 && complete ? [] : [`SnapshotFormatter cannot read ${file}: ${output.slice(-500)}`]
}

export function java(mainClass: string, args: string[]): { status: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync('java', apacheJava(mainClass, args), {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  })
  return { status, output: `${stdout}${stderr}` }
}
