import { isUtf8 } from 'node:buffer'
import { formatSessionId } from '@vivarium/core'
import { formatZxid } from '@vivarium/protocol'
import type { HistoryEntry } from '../../storage/znode-history/read-history.ts'
import { type ApiPart, ok, pathOf, problem, type Sight } from './api-answer.ts'
import { parseAuditLine } from './audit-entry.ts'

const elections: ApiPart = {
  name: 'elections',
  restricted: false,
  answer: (view) =>
    ok({
      now: view.wallMs(),
      changes: view.roles.map(({ atMs, mode, epoch, leader }) => ({
        at: atMs,
        mode,
        epoch,
        leader: leader === null ? null : String(leader),
      })),
    }),
}

/** It is long to read: so it is for those only who may do everything at the root; and no more of it than their rights let them see. */
const history: ApiPart = {
  name: 'history',
  restricted: true,
  answer: async (view, parameters, sight) => {
    const path = pathOf(parameters)
    if (path === null) return problem(400, 'BadRequest', 'path is to be the path of a znode')
    if (!sight.reads(path)) return problem(403, 'NoAuth', 'the ACL of this znode does not let you read it')
    const found = await view.history(path)
    if (found === null) return problem(429, 'TooMany', 'too many histories are being read: try again')
    const { complete, fromZxid } = found
    const entries = visible(found.entries, view.exists(path), sight)
    return ok({
      path,
      complete,
      from: fromZxid === null ? null : formatZxid(fromZxid),
      entries: entries.map(({ zxid, timeMs, session, operation, version, data, withheld }) => ({
        zxid: formatZxid(zxid),
        time: timeMs,
        session: formatSessionId(session),
        operation,
        version,
        value: data === null ? null : dataJson(data),
        withheld,
      })),
    })
  },
}

interface VisibleEntry extends HistoryEntry {
  /** Its data is not for who asks. */
  readonly withheld: boolean
}

/**
 * Data was for those whom the list of that moment let read it. That list is the last that a transaction has set before or,
 * of a znode that is there and whose list none has set, the one that it has, which let who asks read it. Of others it is not known.
 */
function visible(entries: readonly HistoryEntry[], exists: boolean, sight: Sight): VisibleEntry[] {
  const isUnchanged = exists && entries.every(({ acl, operation }) => acl === null && !operation.startsWith('delete'))
  // Nobody is granted anything by a list without entries, but for those whom no list keeps from anything.
  let isShown = isUnchanged || sight.allows([])
  return entries
    .toReversed()
    .map((entry) => {
      if (entry.acl !== null) isShown = sight.allows(entry.acl)
      return isShown || entry.data === null ? { ...entry, withheld: false } : { ...entry, data: null, withheld: true }
    })
    .reverse()
}

function dataJson(data: Uint8Array): { readonly data: string; readonly encoding: 'utf8' | 'base64' } {
  const encoding = isUtf8(data) ? 'utf8' : 'base64'
  return { data: Buffer.from(data.buffer, data.byteOffset, data.length).toString(encoding), encoding }
}

const audit: ApiPart = {
  name: 'audit',
  restricted: true,
  answer: async (view, _parameters, sight) => {
    const enabled = view.admin.config.auditEnabled
    const lines = enabled ? await view.auditLines() : null
    const entries = (lines ?? [])
      .map(parseAuditLine)
      .filter((entry) => entry !== null)
      .filter(({ znode }) => znode === undefined || sight.reads(znode))
    return ok({ enabled, file: lines !== null, entries: entries.reverse() })
  },
}

/** What was: elections, changes, and who made them. */
export const pastParts: readonly ApiPart[] = [elections, history, audit]
