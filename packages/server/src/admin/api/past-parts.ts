import { isUtf8 } from 'node:buffer'
import { formatSessionId } from '@vivarium/core'
import { formatZxid } from '@vivarium/protocol'
import { type ApiPart, ok, pathOf, problem } from './api-answer.ts'
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

/** It has what ACLs keep from others: so only those see it who may see everything. */
const history: ApiPart = {
  name: 'history',
  restricted: true,
  answer: async (view, parameters) => {
    const path = pathOf(parameters)
    if (path === null) return problem(400, 'BadRequest', 'path is to be the path of a znode')
    const found = await view.history(path)
    if (found === null) return problem(429, 'TooMany', 'another history is being read: try again')
    const { entries, complete, fromZxid } = found
    return ok({
      path,
      complete,
      from: fromZxid === null ? null : formatZxid(fromZxid),
      entries: entries.map(({ zxid, timeMs, session, operation, version, data }) => ({
        zxid: formatZxid(zxid),
        time: timeMs,
        session: formatSessionId(session),
        operation,
        version,
        value: data === null ? null : dataJson(data),
      })),
    })
  },
}

function dataJson(data: Uint8Array): { readonly data: string; readonly encoding: 'utf8' | 'base64' } {
  const encoding = isUtf8(data) ? 'utf8' : 'base64'
  return { data: Buffer.from(data.buffer, data.byteOffset, data.length).toString(encoding), encoding }
}

const audit: ApiPart = {
  name: 'audit',
  restricted: true,
  answer: async (view) => {
    const enabled = view.admin.config.auditEnabled
    const lines = enabled ? await view.auditLines() : null
    const entries = (lines ?? []).map(parseAuditLine).filter((entry) => entry !== null)
    return ok({ enabled, file: lines !== null, entries: entries.reverse() })
  },
}

/** What was: elections, changes, and who made them. */
export const pastParts: readonly ApiPart[] = [elections, history, audit]
