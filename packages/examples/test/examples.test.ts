import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startServer } from '@vivarium/testing'
import { EXAMPLES } from '../dist/index.js'

/** What each says, if all goes well; in any order where several do something at once. */
const SAID: Readonly<Record<string, readonly RegExp[]>> = {
  cache: [/^\/menu, \/menu\/bread 2, \/menu\/soup 4$/, /^\/menu, \/menu\/bread 2$/],
  configuration: [/^resync: 10 per second \(version 0\)$/, /^NodeDataChanged: 0 per second \(version 1\)$/],
  discovery: [/^asked in turn: 8001 and 8002$/],
  leader: [/^one leads$/, /^two leads, and knows its work as newer$/],
  lock: [/^(Ada made it 100|Bob made it 20)$/, /^(Ada|Bob) made it 120$/, /^in the end it is 120$/],
  'atomic-long': [/^5000000000 became 10000000000$/],
  barrier: [/^repaired$/, /^worker 1 goes on$/, /^worker 2 goes on$/],
  'config-watch': [/^0\.5$/, /^0\.5, as what came is invalid$/],
  'delay-queue': [/^a while ago; nothing else is due$/],
  'double-barrier': [/^begin$/, /^begin$/, /^end$/, /^end$/],
  'group-member': [/^ada on host-1, bob on host-2$/],
  'leader-election': [/^(one|two) has led$/, /^(one|two) has led$/],
  'multi-lock': [/^90 and 10$/],
  'node-cache': [/^mind the step$/, /^the step is mended$/],
  party: [/^host-7, host-9$/, /^host-7$/],
  'path-cache': [/^ada, bob$/, /^ada$/],
  'persistent-node': [/^absent, present: open$/],
  'persistent-ttl-node': [/^running, kept by touch$/],
  'priority-queue': [/^urgent, then sometime$/],
  'read-write-lock': [/^two read$/, /^one writes$/, /^and reads what it wrote, as others do$/],
  'revocable-lock': [/^newsletter made way$/],
  semaphore: [/^two run$/, /^the third runs once the first is through$/],
  'sequence-generator': [/^0, 1, 10, 2$/],
  'set-partitioner': [/^alone it reads a, b, c$/],
  'shared-counter': [/^3 visitors$/, /^set back: true, and once more: false$/],
  'simple-queue': [/^a, b; 1 is left$/],
  'timed-lease': [/^one works, two sleeps$/],
  watching: [/^it is dry$/, /^it is wet$/, /^0 below it$/, /^1 below it$/],
  queue: [/^sea\.jpg was begun$/, /^(sea|sky)\.jpg is done$/, /^(sea|sky)\.jpg is done$/],
}

for (const [name, example] of Object.entries(EXAMPLES)) {
  test(`the example ${name} does what it says`, async () => {
    await using server = await startServer({ config: { extendedTypesEnabled: 'true' } })
    const lines: string[] = []
    await example(server.connectString, (line) => lines.push(line))
    assert.equal(lines.length, SAID[name]?.length, lines.join('\n'))
    for (const [i, pattern] of (SAID[name] ?? []).entries()) assert.match(lines[i] ?? '', pattern)
  })
}
