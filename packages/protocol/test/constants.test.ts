import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  AddWatchMode,
  CreateMode,
  EventType,
  errno,
  errorCodeOf,
  FOUR_LETTER_WORDS,
  formatPerms,
  fourLetterCode,
  fourLetterWord,
  KEEPER_ERRORS,
  KeeperState,
  OpCode,
  Operation,
  opcodeName,
  operationOf,
  PacketType,
  Perm,
  parsePerms,
  TELNET_CLOSE,
  WatcherType,
} from '@vivarium/protocol'
import { load } from './golden/load.ts'

const lines = load<{ kind: string; name: string; value: number }>('constants')

/** Java's names and numbers of one kind. */
function java(kind: string): { [name: string]: number } {
  return Object.fromEntries(lines.filter((line) => line.kind === kind).map(({ name, value }) => [name, value]))
}

test('names and numbers are those of Java', () => {
  assert.deepEqual({ ...OpCode }, java('opcode'))
  assert.deepEqual({ ...Perm }, java('perm'))
  assert.deepEqual({ ...EventType }, java('event'))
  assert.deepEqual({ ...KeeperState }, java('state'))
  assert.deepEqual({ ...WatcherType }, java('watcher'))
  assert.deepEqual({ ...AddWatchMode }, java('addWatch'))
  assert.deepEqual({ ...PacketType }, java('packet'))
})

test('errors have the numbers of Java, and are found by them', () => {
  const { OK, ...errors } = java('error')
  assert.deepEqual(Object.fromEntries(Object.entries(KEEPER_ERRORS).map(([code, [errno]]) => [code, errno])), errors)
  assert.equal(errno('OK'), OK)
  for (const [code, number] of Object.entries(java('error'))) assert.equal(errorCodeOf(number), code)
  assert.equal(errno('NONODE'), -101)
  assert.equal(errorCodeOf(-126), undefined)
})

test('create modes have the flags and the properties of Java', () => {
  const ours = Array.from({ length: 7 }, (_, flags) => {
    const mode = CreateMode.fromFlags(flags)!
    const properties = { ephemeral: mode.isEphemeral, sequential: mode.isSequential, container: mode.isContainer }
    const names = Object.entries({ ...properties, ttl: mode.isTTL }).flatMap(([name, has]) => (has ? [name] : []))
    return [[mode.name, ...names].join(' '), mode.flags]
  })
  assert.deepEqual(Object.fromEntries(ours), java('createMode'))
  for (const flags of [-1, 7, 2 ** 31 - 1, 0.5]) assert.equal(CreateMode.fromFlags(flags), undefined)
})

test('four-letter words have the codes of Java, and are found by them', () => {
  const { 'telnet close': close, ...words } = java('word')
  assert.deepEqual(Object.fromEntries(FOUR_LETTER_WORDS.map((word) => [word, fourLetterCode(word)])), words)
  assert.equal(TELNET_CLOSE, close)
  assert.equal(fourLetterWord(Buffer.from('ruok').readInt32BE()), 'ruok')
  assert.equal(fourLetterWord(44), undefined)
})

test('permissions are printed as by Java, and read in any order', () => {
  for (const [letters, perms] of Object.entries(java('perms'))) {
    assert.equal(formatPerms(perms), letters)
    assert.equal(parsePerms([...letters].reverse().join('')), perms)
  }
  assert.equal(parsePerms('rx'), undefined)
})

test('every opcode has its operation', () => {
  for (const [name, opcode] of Object.entries(OpCode)) {
    assert.equal(operationOf(opcode)?.name, name)
    assert.equal(opcodeName(opcode), name)
  }
  assert.equal(Operation.getData.opcode, 4)
  assert.equal(opcodeName(10), 'unknown 10')
})
