import assert from 'node:assert/strict'
import { test } from 'node:test'
import { KeeperError, ZooKeeper } from '@vivarium/client'
import { type RunningGateway, startGateway } from '@vivarium/gateway'
import { type StartOptions, startEnsemble, startServer } from '@vivarium/testing'
import { exercise } from '../dist/gateway/schemathesis.js'
import { ask, play } from '../dist/gateway/script.js'
import { APACHE } from '../dist/server-process.js'
import { Suite } from '../dist/suite.js'

// The gateway before a server of ours, an ensemble, and Apache's server: that the same requests get the same answers, that
// schemathesis finds no error of it, that input nobody should send does no harm, and that changes arrive once and in order.

const suite = new Suite('gateway')
const EXAMPLES = Number(process.env.VIVARIUM_INTEROP_EXAMPLES ?? 10)
const config = { extendedTypesEnabled: 'true', maxClientCnxns: '0' }

interface Behind extends AsyncDisposable {
  readonly connectString: string
  /** Cuts the gateway's connections, once. */
  readonly link: { cut(): void }
}

const BEHIND: Readonly<Record<string, () => Promise<Behind>>> = {
  'a server of ours': () => startServer({ config }),
  'an ensemble of ours': () => startEnsemble(3, { config }),
  "Apache's server": () => startServer({ kind: APACHE, config } satisfies StartOptions),
}

async function withGateway(
  start: () => Promise<Behind>,
  body: (gateway: RunningGateway, behind: Behind) => Promise<void>,
  waitMs = 30_000,
): Promise<void> {
  await using behind = await start()
  const limits = { waitMs, identities: 200 }
  await using gateway = await startGateway({ servers: behind.connectString, port: 0, consoleDirectory: null, limits })
  await body(gateway, behind)
}

test('the same requests get the same answers, whatever servers are behind', (context) =>
  suite.withPeers(context, async () => {
    const played: string[][] = []
    for (const start of Object.values(BEHIND)) {
      await withGateway(start, async ({ port }) => void played.push(await play(port)))
    }
    const [ours = [], ...others] = played
    const complaints = others.flatMap((other) =>
      other.flatMap((line, i) => (line === ours[i] ? [] : [`${line}\n  and ours: ${ours[i]}`])),
    )
    suite.report(played.flat().length - complaints.length, complaints)
  }))

for (const [name, start] of Object.entries(BEHIND)) {
  test(`schemathesis finds no error of a gateway before ${name}`, (context) =>
    suite.withPeers(context, () =>
      withGateway(
        start,
        async ({ port }) => {
          const { ok, cases, said } = await exercise(port, EXAMPLES)
          assert.ok(cases > 100, said)
          suite.report(cases, ok ? [] : [said])
        },
        500,
      ),
    ))

  test(`requests of other sites, and input that is too long, do no harm before ${name}`, (context) =>
    suite.withPeers(context, () =>
      withGateway(start, async ({ port }) => {
        const path = '/api/v1/znode?path=/z'
        await ask(port, 'POST', path, { data: '<script>alert(1)</script>' })
        const complaints: string[] = []
        const expect = async (what: string, status: number, ...asked: [string, string, unknown?, object?]) => {
          const [method, at, body, headers = {}] = asked
          const answer = await ask(port, method, at, body, headers as Record<string, string>)
          if (answer.status !== status) complaints.push(`${what}: ${answer.status} ${JSON.stringify(answer.body)}`)
        }
        const evil = { data: 'evil' }
        await expect('a foreign origin', 403, 'PUT', path, evil, { origin: 'http://evil.example' })
        await expect('a foreign page', 403, 'PUT', path, evil, { 'sec-fetch-site': 'cross-site' })
        await expect('a form', 415, 'PUT', path, evil, { 'content-type': 'text/plain' })
        await expect('a name that points here', 421, 'GET', path, undefined, { host: 'evil.example' })
        await expect('a long body', 413, 'PUT', path, { data: 'x'.repeat(3_000_000) })
        await expect('data that no server takes', 413, 'PUT', path, { data: 'x'.repeat(1_200_000) })
        await expect('a long path', 400, 'GET', `/api/v1/znode?path=/${'x'.repeat(5000)}`)
        await expect('a head without end', 431, 'GET', `/api/v1/znode?path=/${'x'.repeat(200_000)}`)
        await expect('a script in the data', 200, 'GET', path)
        const read = await ask(port, 'GET', path)
        if ((read.body as { data: string }).data !== '<script>alert(1)</script>') complaints.push('it was written')
        suite.report(10 - complaints.length, complaints)
      }),
    ))

  test(`changes arrive once and in order from ${name}, across a loss of the connection`, (context) =>
    suite.withPeers(context, () =>
      withGateway(start, async ({ port }, behind) => {
        await using zk = await ZooKeeper.connect(behind.connectString)
        await zk.create('/events')
        const response = await fetch(`http://127.0.0.1:${port}/api/v1/events?path=/events&recursive=true`)
        const reader = (response.body as ReadableStream<Uint8Array>).getReader()
        let text = ''
        const heardOf = async (pattern: RegExp): Promise<void> => {
          while (!pattern.test(text)) text += Buffer.from((await reader.read()).value ?? []).toString()
        }
        const made: string[] = []
        await heardOf(/event: ready/)
        for (let i = 0; i < 60; i++) {
          if (i === 20 || i === 40) behind.link.cut()
          const path = `/events/n${i}`
          // Whether it was created by an answer that was lost does not matter: it is there.
          await zk.create(path, { retry: true }).catch((error) => {
            if (!KeeperError.is(error, 'NODEEXISTS')) throw error
          })
          made.push(path)
        }
        await heardOf(/n59"/)
        await reader.cancel()
        const heard = [...text.matchAll(/event: (created|gap)\ndata: .*"path":"([^"]*)"/g)].map((match) => match[2])
        assert.deepEqual(heard, made)
        suite.report(made.length, [])
      }),
    ))
}
