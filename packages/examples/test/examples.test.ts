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
  queue: [/^sea\.jpg was begun$/, /^(sea|sky)\.jpg is done$/, /^(sea|sky)\.jpg is done$/],
}

for (const [name, example] of Object.entries(EXAMPLES)) {
  test(`the example ${name} does what it says`, async () => {
    await using server = await startServer()
    const lines: string[] = []
    await example(server.connectString, (line) => lines.push(line))
    assert.equal(lines.length, SAID[name]?.length, lines.join('\n'))
    for (const [i, pattern] of (SAID[name] ?? []).entries()) assert.match(lines[i] ?? '', pattern)
  })
}
