import { accessSync, constants, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Finding } from '@vivarium/server/storage'

/**
 * What may keep a server from its files: they belong to somebody else than their directory does, as after a start as
 * root, or this process may not read them.
 */
export function examinePermissions(dataDirectories: readonly string[]): Finding[] {
  const findings: Finding[] = []
  for (const dataDir of new Set(dataDirectories)) {
    const directory = join(dataDir, 'version-2')
    const { uid } = statSync(dataDir)
    const foreign: string[] = []
    for (const path of [directory, ...filesIn(dataDir), ...filesIn(directory)]) {
      const stat = statSync(path, { throwIfNoEntry: false })
      if (stat === undefined) continue
      if (stat.uid !== uid) foreign.push(path)
      const needed = stat.isDirectory() ? constants.R_OK | constants.X_OK : constants.R_OK
      if (!isAllowed(path, needed)) findings.push({ severity: 'error', path, text: 'may not be read by this user' })
    }
    if (foreign.length === 0) continue
    const others = foreign.length === 1 ? '' : ` and ${foreign.length - 1} others`
    findings.push({
      severity: 'warning',
      path: foreign[0] as string,
      text: `${others === '' ? 'belongs' : `${others.trim()} belong`} to another user than ${dataDir} does: a server that runs as that user cannot write there. To give them back: chown -R --reference=${dataDir} ${dataDir}`,
    })
  }
  return findings
}

function filesIn(directory: string): string[] {
  if (!isAllowed(directory, constants.R_OK)) return []
  return readdirSync(directory, { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => join(directory, name))
}

function isAllowed(path: string, mode: number): boolean {
  try {
    accessSync(path, mode)
    return true
  } catch {
    return false
  }
}
