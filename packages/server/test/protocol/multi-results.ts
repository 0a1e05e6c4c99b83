import {
  Create2Response,
  type ErrorCode,
  errorCodeOf,
  OpCode,
  type Reader,
  type Stat,
  Stat as StatRecord,
} from '@vivarium/protocol'

/** One result of a multi or a multiRead; `stat` and what else is there depend on the type. */
export interface MultiResult {
  readonly type: number
  readonly code: ErrorCode | undefined
  readonly path?: string
  readonly stat?: Stat
  readonly data?: string | null
  readonly children?: readonly string[]
}

/** The results of a multi or a multiRead. */
export function readResults(body: Reader): MultiResult[] {
  const results: MultiResult[] = []
  for (;;) {
    const type = body.int()
    const done = body.bool()
    const errno = body.int()
    if (done) {
      if (type !== -1 || errno !== -1 || body.remaining > 0) throw new Error('not what ends the results')
      return results
    }
    const result = readResult(type, body)
    if (type === OpCode.error && errorCodeOf(errno) !== result.code) throw new Error('header and body disagree')
    results.push(result)
  }
}

function readResult(type: number, body: Reader): MultiResult {
  switch (type) {
    case OpCode.error:
      return { type, code: errorCodeOf(body.int()) }
    case OpCode.create:
      return { type, code: 'OK', path: body.text() }
    case OpCode.create2: {
      const { path, stat } = Create2Response.read(body)
      return { type, code: 'OK', path, stat }
    }
    case OpCode.setData:
      return { type, code: 'OK', stat: StatRecord.read(body) }
    case OpCode.getData: {
      const data = body.buffer()
      return {
        type,
        code: 'OK',
        data: data === null ? null : Buffer.from(data).toString(),
        stat: StatRecord.read(body),
      }
    }
    case OpCode.getChildren:
      return { type, code: 'OK', children: (body.vector((r) => r.text()) ?? []).sort() }
    default:
      return { type, code: 'OK' }
  }
}
