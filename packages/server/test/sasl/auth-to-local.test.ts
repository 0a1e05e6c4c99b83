import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type LocalRule, parseAuthToLocal, shortName } from '../../dist/sasl/auth-to-local.js'

const rules = (text: string): readonly LocalRule[] => parseAuthToLocal(text) ?? assert.fail(`${text} are no rules`)

/** What rules make of a principal, where EXAMPLE.COM is the default realm. */
function short(text: string, principal: string): string | null {
  const [, service = '', host = null, realm = ''] = /^([^/]*)(?:\/([^@]*))?@(.*)$/.exec(principal) ?? []
  return shortName(rules(text), { service, host, realm }, realm === 'EXAMPLE.COM')
}

for (const [text, principal, name] of [
  ['DEFAULT', 'bob@EXAMPLE.COM', 'bob'],
  ['DEFAULT', 'bob/host@EXAMPLE.COM', 'bob'],
  ['DEFAULT', 'bob@ELSEWHERE.COM', null],
  ['', 'bob@EXAMPLE.COM', null],
  // The parts, by their numbers.
  ['RULE:[1:$1]', 'bob@ELSEWHERE.COM', 'bob'],
  ['RULE:[2:$2-$1]', 'bob/host@EXAMPLE.COM', 'host-bob'],
  ['RULE:[1:a$1$1b]', 'bob@EXAMPLE.COM', 'abobbobb'],
  // Only for names of so many parts.
  ['RULE:[2:$1]', 'bob@EXAMPLE.COM', null],
  ['RULE:[1:$1]', 'bob/host@EXAMPLE.COM', null],
  // A pattern is for all of what was put together.
  ['RULE:[1:$1@$0](.*@ELSEWHERE\\.COM)s/@.*//', 'bob@ELSEWHERE.COM', 'bob'],
  ['RULE:[1:$1@$0](.*@ELSEWHERE)s/@.*//', 'bob@ELSEWHERE.COM', null],
  ['RULE:[1:$1](b|bob)', 'bob@EXAMPLE.COM', 'bob'],
  ['RULE:[1:$1]s/(?i)B/x/g', 'bob@EXAMPLE.COM', 'xox'],
  // Replacing once, or everywhere; with groups, as Java writes them.
  ['RULE:[1:$1]s/b/c/', 'bob@EXAMPLE.COM', 'cob'],
  ['RULE:[1:$1]s/b/c/g', 'bob@EXAMPLE.COM', 'coc'],
  ['RULE:[1:$1]s/(b)(o)/$2$1\\$&/', 'bob@EXAMPLE.COM', 'ob$&b'],
  ['RULE:[1:$1]s/b//g', 'bob@EXAMPLE.COM', 'o'],
  // The first that applies, in any spacing.
  ['RULE:[2:$1] RULE:[1:x$1]\n DEFAULT', 'bob@EXAMPLE.COM', 'xbob'],
  ['RULE:[2:$1]RULE:[1:$1](al.*)DEFAULT', 'bob@EXAMPLE.COM', 'bob'],
  // What is no simple name is none, whatever rules follow; nor is what lacks a part.
  ['RULE:[1:$1@$0] DEFAULT', 'bob@EXAMPLE.COM', null],
  ['RULE:[1:a/$1] DEFAULT', 'bob@EXAMPLE.COM', null],
  ['RULE:[1:$2] DEFAULT', 'bob@EXAMPLE.COM', null],
  ['RULE:[1:$] DEFAULT', 'bob@EXAMPLE.COM', null],
] as const) {
  test(`${text.trim() || 'no rule'}: ${principal} is ${name ?? 'nobody that rules know'}`, () => {
    assert.equal(short(text, principal), name)
  })
}

test('what are no rules are none', () => {
  for (const text of ['NONE', 'RULE', 'RULE:[1:$1', 'RULE:[:$1]', 'RULE:[1:$1](()', 'DEFAULT x', 'RULE:[1:$1]s/a/b']) {
    assert.equal(parseAuthToLocal(text), null, text)
  }
})
