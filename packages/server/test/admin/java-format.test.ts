import assert from 'node:assert/strict'
import { test } from 'node:test'
import { javaAddress, javaAverage, javaDate, javaDouble, javaHex } from '../../dist/admin/java-format.js'

const DOUBLES: readonly (readonly [value: number, text: string])[] = [
  [0, '0.0'],
  [-0, '-0.0'],
  [12, '12.0'],
  [1.6667, '1.6667'],
  [0.001, '0.001'],
  [0.0001, '1.0E-4'],
  [0.00012, '1.2E-4'],
  [9_999_999, '9999999.0'],
  [1e7, '1.0E7'],
  [12_345_678.5, '1.23456785E7'],
  [-1.5, '-1.5'],
  [Number.NaN, 'NaN'],
  [-Infinity, '-Infinity'],
]

for (const [value, text] of DOUBLES) test(`the double ${text}`, () => assert.equal(javaDouble(value), text))

test('averages have four places', () => {
  assert.equal(javaAverage(0, 0), 0)
  assert.equal(javaAverage(2, 3), 0.6667)
  assert.equal(javaAverage(900, 314), 2.8662)
  assert.equal(javaAverage(1e15, 1), 1e15)
})

test('dates are in UTC', () => {
  assert.equal(javaDate(Date.UTC(2026, 0, 4, 3, 2, 1)), 'Sun Jan 04 03:02:01 UTC 2026')
})

const ADDRESSES: readonly (readonly [address: string, text: string])[] = [
  ['127.0.0.1', '/127.0.0.1:5'],
  ['::ffff:10.0.0.1', '/10.0.0.1:5'],
  ['::1', '/[0:0:0:0:0:0:0:1]:5'],
  ['::', '/[0:0:0:0:0:0:0:0]:5'],
  ['fe80::1%eth0', '/[fe80:0:0:0:0:0:0:1%eth0]:5'],
  ['2001:0DB8::a:0', '/[2001:db8:0:0:0:0:a:0]:5'],
]

for (const [address, text] of ADDRESSES) {
  test(`the address ${address}`, () => assert.equal(javaAddress(address, 5), text))
}

test('hexadecimal numbers have 64 bits and no sign', () => {
  assert.equal(javaHex(-1), 'ffffffffffffffff')
  assert.equal(javaHex(-1n), 'ffffffffffffffff')
  assert.equal(javaHex(0x100002dac270000n), '100002dac270000')
  assert.equal(javaHex(2 ** 40), '10000000000')
})
