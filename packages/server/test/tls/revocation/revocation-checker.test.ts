import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import { readOcspResponse } from '../../../dist/tls/revocation/ocsp.js'
import { RevocationChecker } from '../../../dist/tls/revocation/revocation-checker.js'
import { fixtureBytes } from '../fixtures.ts'

const NOW_MS = Date.UTC(2030, 0)
const MINUTE_MS = 60_000

const file = (name: string): Buffer => fixtureBytes(`revocation/${name}`)
const certificate = (name: string): X509Certificate => new X509Certificate(file(`${name}.pem`))
const CA = certificate('ca')

/** What can be had under which address: the name of a file, or bytes. */
type World = Readonly<Record<string, string | Uint8Array>>

interface Asking {
  readonly ocsp?: boolean
  readonly world?: World
  readonly lists?: readonly string[]
}

/** A checker, and what it has asked for. */
function checker({ ocsp = true, world = {}, lists = [] }: Asking) {
  const asked: string[] = []
  const clock = { nowMs: NOW_MS }
  const fetch = async (url: string): Promise<Uint8Array> => {
    asked.push(url)
    const found = world[url]
    if (found === undefined) throw new Error('nobody is there')
    return typeof found === 'string' ? file(found) : found
  }
  const made = new RevocationChecker({ trusted: [CA], lists, ocsp, fetch, wallMs: () => clock.nowMs })
  return { asked, clock, problem: (...names: string[]) => made.problemWith(names.map(certificate)) }
}

const OCSP = 'http://ocsp/ca'
const CRL = 'http://crl/ca'

for (const [what, presented, asking, problem] of [
  ['a responder says good', ['good'], { world: { [OCSP]: 'good.response' } }, null],
  ['a responder says revoked', ['revoked'], { world: { [OCSP]: 'revoked.response' } }, /^CN=revoked was revoked$/],
  [
    'revoked, whatever lists say',
    ['revoked'],
    { world: { [OCSP]: 'revoked.response', [CRL]: 'old.crl' } },
    /was revoked/,
  ],
  ['a responder known by its key', ['good'], { world: { [OCSP]: 'by-key.response' } }, null],
  ['who may answer for the authority', ['good'], { world: { [OCSP]: 'delegated.response' } }, null],
  ['who may not', ['good'], { world: { [OCSP]: 'impostor.response' } }, /by nobody who may answer; .*nobody is there/],
  ['who only has the same name', ['good'], { world: { [OCSP]: 'unsigned.response' } }, /not signed by who may/],
  ['an answer about another one', ['good'], { world: { [OCSP]: 'revoked.response' } }, /about something else/],
  ['a responder that has no time', ['good'], { world: { [OCSP]: 'later.response' } }, /answers with status 3/],
  [
    'nobody there',
    ['good'],
    {},
    /^nobody can say whether its certificate was revoked: nobody is there; http:\/\/crl\/ca/,
  ],
  ['a list in place of an answer', ['good'], { world: { [CRL]: 'ca.crl' } }, null],
  ['revoked by a list in place of an answer', ['revoked'], { world: { [CRL]: 'ca.crl' } }, /was revoked/],
  ['nowhere to ask', ['silent'], {}, /CN=silent names no responder of OCSP; there is no list for CN=silent/],
  ['lists alone: good', ['good'], { ocsp: false, world: { [CRL]: 'ca.crl' } }, null],
  ['lists alone: revoked', ['revoked'], { ocsp: false, world: { [CRL]: 'ca.crl' } }, /was revoked/],
  ['lists alone: nobody is asked', ['good'], { ocsp: false, world: { [OCSP]: 'good.response' } }, /nobody is there/],
  ['a list by somebody of the same name', ['good'], { ocsp: false, world: { [CRL]: 'other.crl' } }, /that holds/],
  ['a list of old', ['good'], { ocsp: false, world: { [CRL]: 'old.crl' } }, /that holds/],
  ['a list of users', ['good'], { ocsp: false, world: { [CRL]: 'users.crl' } }, null],
  ['a list of revoked users', ['revoked'], { ocsp: false, world: { [CRL]: 'users.crl' } }, /was revoked/],
  ['a list of authorities for a user', ['good'], { ocsp: false, world: { [CRL]: 'authorities.crl' } }, /that holds/],
  ['a list for some reasons', ['good'], { ocsp: false, world: { [CRL]: 'part.crl' } }, /only some/],
  ['a list of the lists of others', ['good'], { ocsp: false, world: { [CRL]: 'indirect.crl' } }, /only some/],
  [
    'no list',
    ['good'],
    { ocsp: false, world: { [CRL]: Buffer.from('<html>') } },
    /list of revoked certificates that is none/,
  ],
  [
    'each on the path is asked about',
    ['deep', 'middle'],
    { world: { [OCSP]: 'middle.response', 'http://ocsp/middle': 'deep.response' } },
    null,
  ],
  [
    'the one above is not known',
    ['deep', 'middle'],
    { world: { 'http://ocsp/middle': 'deep.response' } },
    /nobody can say/,
  ],
  [
    'lists of users and of authorities',
    ['deep', 'middle'],
    { ocsp: false, world: { 'http://crl/middle': 'middle.crl', [CRL]: 'authorities.crl' } },
    null,
  ],
  [
    'a list of users for an authority',
    ['deep', 'middle'],
    { ocsp: false, world: { 'http://crl/middle': 'middle.crl', [CRL]: 'users.crl' } },
    /that holds/,
  ],
  ['a chain with a hole', ['deep'], {}, /its chain leads to nobody who is believed/],
  ['who is believed itself', ['ca'], {}, null],
  ['nobody', [], {}, /its chain leads to nobody/],
] as const satisfies readonly (readonly [string, readonly string[], Asking, RegExp | null])[]) {
  test(`${what}: ${problem === null ? 'no problem' : problem.source}`, async () => {
    const found = await checker(asking).problem(...presented)
    if (problem === null) assert.equal(found, null)
    else assert.match(String(found), problem)
  })
}

test('a list that is there already is enough, until it is old', async () => {
  const pem = `-----BEGIN X509 CRL-----\n${file('ca.crl').toString('base64')}\n-----END X509 CRL-----\n`
  const { asked, clock, problem } = checker({ ocsp: false, lists: [pem] })
  assert.equal(await problem('good'), null)
  assert.match(String(await problem('revoked')), /was revoked/)
  assert.deepEqual(asked, [])
  clock.nowMs = Date.UTC(2200, 0)
  assert.match(String(await problem('good')), /nobody can say/)
  assert.throws(() => checker({ lists: ['rubbish'] }), /list of revoked certificates that is none/)
})

test('neither what was said long ago counts, nor what is said of times to come', async () => {
  for (const year of [2000, 2200]) {
    const { clock, problem } = checker({ world: { [OCSP]: 'good.response' } })
    clock.nowMs = Date.UTC(year, 0)
    assert.match(String(await problem('good')), /not of today/)
  }
})

test('an answer is remembered for a minute, and what fails is tried again', async () => {
  const world: Record<string, string> = {}
  const { asked, clock, problem } = checker({ world })
  await problem('good')
  assert.deepEqual(asked, [OCSP, CRL])
  world[OCSP] = 'good.response'
  await Promise.all([problem('good'), problem('good'), problem('good')])
  assert.equal(asked.length, 3)
  clock.nowMs += MINUTE_MS
  await problem('good')
  assert.equal(asked.length, 4)
})

test('a responder that does not know a certificate says nothing of it', () => {
  const silent = certificate('silent')
  assert.throws(() => readOcspResponse(file('unknown.response'), silent, CA, NOW_MS), /does not know it/)
})

test('any bytes are an answer, or a problem', async () => {
  const good = file('good.response')
  const list = file('ca.crl')
  const changed = (bytes: Buffer) =>
    fc.tuple(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 })).map(([at, by]) => {
      const copy = Buffer.from(bytes)
      copy[at] = (copy[at] as number) ^ by
      return copy
    })
  const bytes = fc.oneof(changed(good), changed(list), fc.uint8Array({ maxLength: 300 }))
  await fc.assert(
    fc.asyncProperty(bytes, fc.boolean(), async (answer, ocsp) => {
      const { problem } = checker({ ocsp, world: { [OCSP]: answer, [CRL]: answer } })
      const found = await problem('revoked')
      assert.notEqual(found, null)
    }),
  )
})
