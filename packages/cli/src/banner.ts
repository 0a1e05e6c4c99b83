import { resolve } from 'node:path'
import type { ServerConfig } from '@vivarium/server'

/** Where a running server can be reached. */
export interface Address {
  readonly host: string
  readonly port: number
}

/** What a browser, or a program that speaks HTTP, finds at the server. */
export interface WebAddress {
  readonly what: 'console' | 'HTTP API'
  readonly url: string
}

/** Where a server listens, null where it does not. */
export interface Addresses {
  readonly address: Address | null
  /** Over TLS. */
  readonly secureAddress?: Address | null
}

/** What a person wants to know once the server is up: how to reach it, where its data is, what it was told. */
export function banner(
  config: ServerConfig,
  { address, secureAddress = null }: Addresses,
  version: string,
  startupMs: number,
  web: WebAddress | null = null,
): string {
  const dataDir = resolve(config.dataDir)
  const dataLogDir = resolve(config.dataLogDir)
  const lines = [
    ...(address === null ? [] : [['connect to', connectTo(address)]]),
    ...(secureAddress === null ? [] : [['over TLS', connectTo(secureAddress)]]),
    ...(web === null ? [] : [[web.what, web.url]]),
    ['data in', dataDir],
    ...(dataLogDir === dataDir ? [] : [['logs in', dataLogDir]]),
    ['told by', config.configFile ?? 'no configuration file; to use one: vivarium server zoo.cfg'],
    ...(address === null ? [] : [['try', `npx vivarium -server ${endpoint(address)} ls /`]]),
  ]
  const body = lines.map(([name, value]) => `  ${name!.padEnd(11)} ${value}`).join('\n')
  const { ensemble } = config
  const state =
    ensemble === null
      ? 'is serving, as ZooKeeper would (standalone),'
      : `is up, and serves as soon as a majority of ${ensemble.voters.size} servers is,`
  return `Vivarium ${version} ${state} after ${Math.round(startupMs)} ms.\n\n${body}\n`
}

function connectTo(address: Address): string {
  const connect = endpoint(address)
  if (isAny(address.host)) return `${connect}  (from anywhere: it listens on every address of this machine)`
  return isLoopback(address.host) ? `${connect}  (from this machine only)` : connect
}

/** `host:port`, by which this machine reaches it. */
export function endpoint(address: Address): string {
  const host = hostOf(address)
  return `${host.includes(':') ? `[${host}]` : host}:${address.port}`
}

const hostOf = ({ host }: Address): string => (isAny(host) ? 'localhost' : host)
const isAny = (host: string): boolean => host === '0.0.0.0' || host === '::' || host === ''
/** Whether only this machine reaches it. */
export const isLoopback = (host: string): boolean => host === 'localhost' || host === '::1' || host.startsWith('127.')
