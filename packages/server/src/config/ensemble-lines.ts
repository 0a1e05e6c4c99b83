import { keyFamilies } from './keys.ts'
import type { Property } from './properties.ts'

/** A `server.N` line, as far as a server that runs alone looks at it. */
export interface ServerLine {
  readonly id: string
  readonly observer: boolean
  /** `[address:]port` behind the semicolon; null when there is none. */
  readonly clientAddress: { readonly host: string | null; readonly port: number } | null
  readonly property: Property
}

export const isEnsembleLine = (key: string): boolean =>
  keyFamilies.server.test(key) || key.startsWith('group') || key.startsWith('weight')

/** The servers named by `server.N=host:port:port[:role][;[host:]port]` lines. Of two with the same N the later counts. */
export function serverLines(properties: readonly Property[]): ServerLine[] {
  const servers = new Map<string, ServerLine>()
  for (const property of properties) {
    const id = keyFamilies.server.exec(property.key)?.[1]
    if (id === undefined) continue
    const [addresses = '', client] = property.value.split(';', 2)
    const observer = addresses.split('|').some((address) => /:observer$/i.test(address.trim()))
    servers.set(id, {
      id,
      observer,
      clientAddress: client === undefined ? null : clientAddress(client.trim()),
      property,
    })
  }
  return [...servers.values()]
}

function clientAddress(text: string): ServerLine['clientAddress'] {
  const match = /^(?:(\[[^\]]*\]|[^:]*):)?(\d{1,5})$/.exec(text)
  const port = Number(match?.[2])
  if (match === null || port > 65535) return null
  const host = match[1]?.replace(/^\[|\]$/g, '') ?? ''
  return { host: host === '' ? null : host, port }
}
