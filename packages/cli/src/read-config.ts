import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { type ConfigFile, type LoadedConfig, loadConfig } from '@vivarium/server'
import { defaultDataDir } from './default-data-dir.ts'

export type ConfigMessage = LoadedConfig['messages'][number]

/** What the command line says about the configuration. */
export interface ConfigArguments {
  /** A zoo.cfg; or port, data directory, tick time and connections per address; or nothing. */
  readonly positional: readonly string[]
  /** The `-D key=value`s. */
  readonly definitions: readonly string[]
}

/** Reads the files and the environment that a configuration is made of. */
export function readConfig({ positional, definitions }: ConfigArguments): LoadedConfig {
  const path = positional.length === 1 ? positional[0] : undefined
  const found = path === undefined ? undefined : readFile(path)
  if (found !== undefined && 'problem' in found) {
    return {
      config: null,
      messages: [{ level: 'error', place: found.path, text: found.problem }],
      entries: [],
      others: [],
    }
  }
  const environment = process.env
  const loaded = loadConfig(found, {
    positional: path === undefined ? positional : [],
    definitions,
    environment,
    defaultDataDir: defaultDataDir(process.platform, environment, homedir()),
    readFile: (other) => {
      const file = readFile(other)
      return 'problem' in file ? undefined : file.text
    },
  })
  return found?.notAscii ? { ...loaded, messages: [notAscii(found.path), ...loaded.messages] } : loaded
}

type Found = (ConfigFile & { readonly notAscii: boolean }) | { readonly path: string; readonly problem: string }

function readFile(path: string): Found {
  try {
    const bytes = readFileSync(path)
    return { path, text: decode(bytes), notAscii: bytes.some((byte) => byte >= 0x80) }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    const problem = code === 'ENOENT' ? 'there is no such file' : code === 'EISDIR' ? 'this is a directory' : undefined
    return { path, problem: problem ?? `cannot be read (${code ?? String(error)})` }
  }
}

/** Java takes these files for ISO-8859-1; editors have long written UTF-8. */
function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return new TextDecoder('latin1').decode(bytes)
  }
}

const notAscii = (place: string): ConfigMessage => ({
  level: 'info',
  place,
  text: 'it has characters beyond ASCII; ZooKeeper itself reads them otherwise, but for \\uXXXX escapes',
})

/** A message as one line: `zoo.cfg:3: tickTime: "0" is not allowed …`. */
export function formatConfigMessage({ place, text }: ConfigMessage): string {
  return place === null ? text : `${place}: ${text}`
}
