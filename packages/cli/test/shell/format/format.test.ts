import assert from 'node:assert/strict'
import { test } from 'node:test'
import { aclText, parseAcl } from '../../../dist/shell/format/acl.js'
import { dataValue } from '../../../dist/shell/format/data.js'
import { hexDump } from '../../../dist/shell/format/hex-dump.js'
import { javaDate } from '../../../dist/shell/format/java-date.js'
import { QuotaLimits } from '../../../dist/shell/format/quota-limits.js'

test('bytes are drawn as Netty draws them', () => {
  assert.equal(hexDump(Buffer.alloc(0)), '')
  assert.equal(
    hexDump(Buffer.from('two words, 17 b\0s')),
    `         +-------------------------------------------------+
         |  0  1  2  3  4  5  6  7  8  9  a  b  c  d  e  f |
+--------+-------------------------------------------------+----------------+
|00000000| 74 77 6f 20 77 6f 72 64 73 2c 20 31 37 20 62 00 |two words, 17 b.|
|00000010| 73                                              |s               |
+--------+-------------------------------------------------+----------------+`,
  )
})

test('a time is as in Java', () => {
  const date = new Date(2026, 0, 2, 3, 4, 5)
  assert.match(javaDate(date.getTime()), /^Fri Jan 02 03:04:05 \S+ 2026$/)
})

test('access control lists are read and printed as in zkCli', () => {
  const warnings: string[] = []
  const acl = parseAcl('world:anyone:rq,ip:::1:cdrwa,x', (line) => warnings.push(line))
  assert.equal(aclText(acl), "'world,'anyone\n: r\n'ip,'::1\n: cdrwa")
  assert.deepEqual(warnings, ['Unknown perm type: q', 'x does not have the form scheme:id:perm'])
  assert.equal(aclText([{ perms: 1, id: { scheme: 'x', id: 'a,b%' } }]), "'x,'a%2Cb%25\n: r")
})

test('limits are written in an order that old servers read', () => {
  const limits = new QuotaLimits('count=3,bytes=-1=;countHardLimit=7;byteHardLimit=-1')
  assert.equal(String(limits), 'count=3,bytes=-1=;byteHardLimit=-1;countHardLimit=7')
  assert.equal(String(limits.set('bytes', 9n)), 'count=3,bytes=9=;byteHardLimit=-1;countHardLimit=7')
  assert.equal(String(new QuotaLimits('rubbish')), 'count=-1,bytes=-1=;rubbish=-1')
})

test('data is text for programs where it is UTF-8', () => {
  assert.deepEqual(dataValue({ data: Buffer.from('ä'), isNull: false }), { data: 'ä' })
  assert.deepEqual(dataValue({ data: Buffer.of(0xff), isNull: false }), { base64: '/w==' })
  assert.deepEqual(dataValue({ data: Buffer.alloc(0), isNull: true }), { data: null })
})
