import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { test } from 'node:test'

const PROCESSES = 4
/** So many that some would have been drawn twice. */
const PORTS = 300

/** Takes ports, tells them, and keeps them until its input ends. */
const PROGRAM = `
  import { freePort } from '${new URL('../dist/index.js', import.meta.url)}'
  const ports = []
  while (ports.length < ${PORTS}) ports.push(await freePort())
  console.log(ports.join())
  process.stdin.resume()`

test('no two processes are given the same port while they run', async (t) => {
  const children = Array.from({ length: PROCESSES }, () =>
    spawn(process.execPath, ['--input-type=module', '-e', PROGRAM], { stdio: ['pipe', 'pipe', 'inherit'] }),
  )
  t.after(() => {
    for (const child of children) child.stdin.end()
  })
  const ports = await Promise.all(
    children.map(async ({ stdout }) => {
      const [line] = (await once(stdout, 'data')) as [Buffer]
      return line.toString().trim().split(',')
    }),
  )
  assert.equal(new Set(ports.flat()).size, PROCESSES * PORTS)
})
