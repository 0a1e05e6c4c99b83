import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { RealFaultsReport } from '../dist/real-faults/main.js'
import { writerCommands } from '../dist/real-faults/writers.js'
import { SEED, Suite } from '../dist/suite.js'

const SECONDS = process.env.VIVARIUM_INTEROP_FAULT_SECONDS ?? '30'
const PROGRAM = fileURLToPath(new URL('../dist/real-faults/main.js', import.meta.url))

const suite = new Suite('real faults')

/** Whether this process may have network namespaces and mounts of its own. */
function mayUnshare(): boolean {
  const made = 'mount -t tmpfs tmpfs /run && ip link set lo up && ip link add x type bridge && ip netns add x'
  return spawnSync('unshare', ['--net', '--mount', 'sh', '-c', made]).status === 0
}

test('real servers, killed, stopped, cut off and without room, keep what they promise', (context) =>
  suite.withPeers(context, async () => {
    writerCommands() // In a network of its own nothing can be installed.
    const isolated = mayUnshare()
    const options = [PROGRAM, `--seconds=${SECONDS}`, `--seed=${SEED}`]
    if (!isolated) console.log('Network namespaces are not permitted here: the proxies of the testing kit do instead.')
    const [file, args] = isolated
      ? ['unshare', ['--net', '--mount', process.execPath, ...options]]
      : [process.execPath, [...options, '--proxies']]
    const { stdout, stderr, status } = spawnSync(file, args, { encoding: 'utf8', maxBuffer: 1 << 26 })
    assert.notEqual(status, 2, stderr)
    const { lab, faults, answered, complaints } = JSON.parse(stdout) as RealFaultsReport
    console.log(`in ${lab}: ${answered} requests answered while servers were ${faults.join(', ')}`)
    suite.report(answered, complaints)
  }))
