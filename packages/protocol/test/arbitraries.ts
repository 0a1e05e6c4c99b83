import {
  anyZxid,
  bool,
  buffer,
  CheckVersionTxn,
  CloseSessionTxn,
  CreateContainerTxn,
  CreateSessionTxn,
  CreateTTLTxn,
  CreateTxn,
  DeleteTxn,
  ErrorTxn,
  type FieldType,
  int,
  long,
  millis,
  OpCode,
  type RecordCodec,
  SetACLTxn,
  SetDataTxn,
  string,
  type Txn,
  TxnDigest,
  text,
  zxid,
} from '@vivarium/protocol'
import fc from 'fast-check'
import { isRecord, isVector } from './golden/revive.ts'

/** Text without surrogates, which do not survive being written and read (see utf8.ts). */
const survivingText = fc.string({
  unit: fc
    .oneof(
      fc.integer({ min: 0, max: 0x7f }),
      fc.integer({ min: 0x80, max: 0xd7ff }),
      fc.integer({ min: 0xe000, max: 0xffff }),
    )
    .map((unit) => String.fromCharCode(unit)),
  maxLength: 20,
})
const exact = fc.maxSafeInteger()
const bytes = fc.uint8Array({ maxLength: 40 })

/** Any value that a field of this type can have. */
export function anyValue(type: FieldType<unknown>): fc.Arbitrary<unknown> {
  switch (type) {
    case bool:
      return fc.boolean()
    case int:
      return fc.integer()
    case long:
      return fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n })
    case zxid:
    case anyZxid:
    case millis:
      return exact
    case text:
      return survivingText
    case string:
      return fc.option(survivingText)
    case buffer:
      return fc.option(bytes)
  }
  if (isVector(type)) return fc.option(fc.array(anyValue(type.of), { maxLength: 4 }))
  if (isRecord(type)) return anyRecordOf(type)
  throw new Error('a field type without an arbitrary')
}

export function anyRecordOf<T>(codec: RecordCodec<T>): fc.Arbitrary<T> {
  const fields = Object.fromEntries(Object.entries(codec.fields).map(([name, type]) => [name, anyValue(type)]))
  return fc.record(fields, { noNullPrototype: true }) as unknown as fc.Arbitrary<T>
}

function body(types: readonly number[], codec: RecordCodec<unknown>) {
  return fc.record({ type: fc.constantFrom(...types), record: anyRecordOf(codec) }, { noNullPrototype: true })
}

const shared = [
  body([OpCode.create, OpCode.create2], CreateTxn),
  body([OpCode.createTTL], CreateTTLTxn),
  body([OpCode.createContainer], CreateContainerTxn),
  body([OpCode.delete, OpCode.deleteContainer], DeleteTxn),
  body([OpCode.setData], SetDataTxn),
  body([OpCode.error], ErrorTxn),
]
const multi = fc.record(
  {
    type: fc.constant(OpCode.multi),
    record: fc.record(
      { txns: fc.array(fc.oneof(...shared, body([OpCode.check], CheckVersionTxn)), { maxLength: 4 }) },
      { noNullPrototype: true },
    ),
  },
  { noNullPrototype: true },
)

/** Any transaction. */
export const anyTxn: fc.Arbitrary<Txn> = fc
  .tuple(
    fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n }),
    fc.integer(),
    exact,
    exact,
    fc.oneof(
      ...shared,
      multi,
      body([OpCode.reconfig], SetDataTxn),
      body([OpCode.setACL], SetACLTxn),
      body([OpCode.createSession], CreateSessionTxn),
      body([OpCode.closeSession], CloseSessionTxn),
    ),
    fc.option(anyRecordOf(TxnDigest)),
  )
  .map(([clientId, cxid, zxid, time, { type, record }, digest]) => {
    return { clientId, cxid, zxid, time, type, record, digest } as Txn
  })
