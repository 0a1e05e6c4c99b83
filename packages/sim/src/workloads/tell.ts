import { EventType, errorCodeOf, formatZxid } from '@vivarium/protocol'
import type { Request, Result } from './requests.ts'

const MOST_DATA = 24

function quoted(data: string | null): string {
  if (data === null) return 'null'
  return data.length <= MOST_DATA ? `"${data}"` : `"${data.slice(0, MOST_DATA)}…" (${data.length} characters)`
}

/** A request in few words, for people. */
export function tellRequest(request: Request): string {
  switch (request.kind) {
    case 'create':
    case 'create2':
    case 'createContainer': {
      const { kind, path, data, flags, acl } = request
      const mode = [(flags & 1) !== 0 && flags < 4 ? ' ephemeral' : '', (flags & 2) !== 0 ? ' sequential' : ''].join('')
      const scheme = acl[0]?.id.scheme
      const list = scheme === 'auth' ? ' for its creator' : acl[0]?.perms === 31 ? '' : ' read-only'
      return `${kind} ${path} = ${quoted(data)}${mode}${list}`
    }
    case 'setData':
      return `setData ${request.path} = ${quoted(request.data)}${ifVersion(request.version)}`
    case 'delete':
    case 'check':
      return `${request.kind} ${request.path}${ifVersion(request.version)}`
    case 'multi':
      return `multi [${request.operations.map(tellRequest).join('; ')}]`
    case 'exists':
    case 'getData':
    case 'getChildren':
    case 'getChildren2':
      return `${request.kind} ${request.path}${request.watch ? ' and watch' : ''}`
    case 'addWatch':
      return `addWatch ${request.path} ${request.recursive ? 'recursive' : 'persistent'}`
    case 'setWatches':
      return `setWatches since ${request.watches.relativeZxid}`
    case 'getEphemerals':
      return `getEphemerals ${request.prefix}`
    case 'reconfig': {
      const { joiningServers, leavingServers, newMembers } = request
      if (newMembers !== null) return `reconfig to ${newMembers}`
      return `reconfig with ${joiningServers ?? 'nobody'}, without ${leavingServers ?? 'nobody'}`
    }
    case 'ping':
    case 'closeSession':
      return request.kind
    default:
      return `${request.kind} ${request.path}`
  }
}

function ifVersion(version: number): string {
  return version === -1 ? '' : ` if version ${version}`
}

/** An answer in few words. */
export function tellResult({ err, path, stat, data, names, count, results }: Result): string {
  if (err !== 0) return errorCodeOf(err) ?? String(err)
  const parts = [
    path,
    data === undefined ? undefined : quoted(data),
    names === undefined ? undefined : `[${names.join(', ')}]`,
    count === undefined ? undefined : String(count),
    stat === undefined ? undefined : `version ${stat.version}`,
    results === undefined ? undefined : `[${results.map(tellResult).join('; ')}]`,
  ]
  return ['OK', ...parts.filter((part) => part !== undefined)].join(' ')
}

export function tellEvent(type: number): string {
  return Object.entries(EventType).find(([, value]) => value === type)?.[0] ?? String(type)
}

/** As a number where there are no epochs. */
export function tellZxid(zxid: number): string {
  return zxid < 2 ** 32 ? String(zxid) : formatZxid(zxid)
}
