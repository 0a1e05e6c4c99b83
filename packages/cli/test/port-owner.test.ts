import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { portOwner } from '../dist/port-owner.js'

const proc = mkdtempSync(join(tmpdir(), 'vivarium-proc-'))
after(() => rmSync(proc, { recursive: true }))

const HEAD = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n'
const row = (port: string, state: string, inode: number): string =>
  `   0: 0100007F:${port} 00000000:0000 ${state} 00000000:00000000 00:00000000 00000000     0        0 ${inode} 1\n`

function addProcess(id: number, inode: number, ...command: string[]): void {
  mkdirSync(`${proc}/${id}/fd`, { recursive: true })
  symlinkSync('/dev/null', `${proc}/${id}/fd/0`)
  symlinkSync(`socket:[${inode}]`, `${proc}/${id}/fd/5`)
  writeFileSync(`${proc}/${id}/cmdline`, command.map((word) => `${word}\0`).join(''))
}

mkdirSync(`${proc}/net`)
mkdirSync(`${proc}/irq`)
// 0885 is 2181. The first is only a connection to that port.
writeFileSync(`${proc}/net/tcp`, `${HEAD}${row('0885', '01', 70)}${row('0885', '0A', 71)}${row('0886', '0A', 73)}`)
writeFileSync(`${proc}/net/tcp6`, `${HEAD}${row('0887', '0A', 72)}`)
addProcess(10, 70, 'client')
addProcess(11, 71, 'java', '-cp', '/x/'.repeat(100), 'QuorumPeerMain', 'zoo.cfg')
addProcess(12, 72)

test('who listens is found, and named without the class path', () => {
  assert.equal(portOwner(2181, proc), 'process 11 (java -cp … QuorumPeerMain zoo.cfg)')
})

test('a process without a command line is named by its id', () => {
  assert.equal(portOwner(2183, proc), 'process 12')
})

test("a process that we may not look into is not found, and neither is nobody's port", () => {
  assert.equal(portOwner(2182, proc), undefined)
  assert.equal(portOwner(2184, proc), undefined)
  assert.equal(portOwner(2181, `${proc}/none`), undefined)
})
