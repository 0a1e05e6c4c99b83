import { isEnsembleLine } from './ensemble-lines.ts'
import { goesOn, parseProperties } from './properties.ts'

/**
 * A zoo.cfg whose members are named by another file from now on: `server.N`, `group`, `weight` and `peerType` lines are
 * gone, and `dynamicConfigFile` is the last line. All others are left as they are, which is more than Java does
 * (QuorumPeerConfig.editStaticConfig).
 *
 * @param withoutClientPort whether that other file names the address for clients, too
 */
export function pointToDynamicFile(text: string, dynamicFile: string, withoutClientPort: boolean): string {
  const lines = text.split(/\r\n|\n|\r/)
  const moved = (key: string): boolean =>
    isEnsembleLine(key) ||
    key === 'dynamicConfigFile' ||
    key === 'peerType' ||
    (withoutClientPort && (key === 'clientPort' || key === 'clientPortAddress'))
  const gone = new Set<number>()
  for (const { key, line } of parseProperties(text).properties) {
    if (!moved(key)) continue
    gone.add(line - 1)
    for (let at = line - 1; goesOn(lines[at] ?? ''); at++) gone.add(at + 1)
  }
  const kept = lines.filter((_, at) => !gone.has(at))
  // A backslash at the end of the file joins nothing, and is not to begin with it.
  if (kept.at(-1) === '' && !goesOn(kept.at(-2) ?? '')) kept.pop()
  return `${[...kept, `dynamicConfigFile=${dynamicFile}`].join('\n')}\n`
}

/**
 * The version that the name of a dynamic configuration file ends with, in hexadecimal; 0 if it ends otherwise
 * (QuorumPeerConfig.getVersionFromFilename).
 *
 * @example versionOfDynamicFile('zoo.cfg.dynamic.100000000') // 2 ** 32
 */
export function versionOfDynamicFile(path: string): number {
  const end = path.slice(path.lastIndexOf('.') + 1)
  return /^[0-9a-f]{1,13}$/i.test(end) ? Number.parseInt(end, 16) : 0
}
