import { OpCode } from '@vivarium/protocol'
import { QUEUE } from '../workloads/queue.ts'
import type { Checker } from './violation.ts'

/** The numbers of sequential znodes rise with the zxids, and none is given out twice, whatever was deleted meanwhile. */
export const sequences: Checker = {
  name: 'sequence numbers',
  check: ({ operations, transactions }) => {
    // What was not answered may have been done, and its number is taken then.
    const named: { zxid: number; path: string }[] = []
    for (const { type, zxid, record } of transactions) {
      if ((type === OpCode.create || type === OpCode.create2) && record !== null && 'path' in record) {
        named.push({ zxid, path: record.path })
      }
    }
    for (const { request, answer } of operations) {
      const path = answer?.result.path
      if (request.kind === 'create' && path !== undefined && answer !== null) named.push({ zxid: answer.zxid, path })
    }
    named.sort((a, b) => a.zxid - b.zxid)
    const found: string[] = []
    let last = -1
    let lastZxid = 0
    for (const { zxid, path } of named) {
      if (!path.startsWith(`${QUEUE}/n-`)) continue
      const number = Number(path.slice(-10))
      // The log and the answer, of the same.
      if (zxid === lastZxid && number === last) continue
      if (number <= last) found.push(`${path} was created at ${zxid}, after number ${last}`)
      last = number
      lastZxid = zxid
    }
    return found
  },
}
