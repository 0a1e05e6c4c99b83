import type { Prng } from '../prng.ts'
import type { Acl } from '../records.ts'
import { digestId } from './digest-id.ts'

/**
 * The words scripts are made of. There are few of each, so that requests meet: the same path is created, read and deleted
 * over and over, by sessions that may and may not.
 */

const NAMES = ['a', 'b', 'c', 'd']

/** Paths that no server should accept for writing, and that reads take for names of nothing (or, "", for the root). */
const ODD_PATHS: readonly (string | null)[] = [
  null,
  '',
  'a',
  'a/b',
  '//',
  '//a',
  '/a/',
  '/a//b',
  '/a/.',
  '/a/..',
  '/a/./b',
  '/..',
  '/.',
  '/a/...',
  '/a/.hidden',
  '/a b',
  '/\u0000',
  '/a\u0000b',
  '/\u0001',
  '/a\u001f',
  '/a\u0020',
  '/\u007f',
  '/a\u009f',
  '/a\u00a0',
  '/\u0080',
  '/\ud7ff',
  '/\ue000',
  '/\uf8ff',
  '/\uf900',
  '/\uffef',
  '/\ufff0',
  '/\uffff',
  '/\ufffd',
  '/\u{1f600}',
  '/\ud83d',
  '/é',
  '/日本語',
]

const RESERVED = [
  '/',
  '/zookeeper',
  '/zookeeper/config',
  '/zookeeper/quota',
  '/zookeeper/a',
  '/zookeeper/quota/a',
  '/zookeeper/quota/b',
  '/zookeeperx',
]

/** Subtrees with quotas. */
const QUOTA_ROOTS = ['/q', '/q/a', '/r']

export function quotaPath(random: Prng): string {
  const suffix = random.pick(['', '', '/zookeeper_limits', '/zookeeper_stats'])
  return `/zookeeper/quota${random.pick(QUOTA_ROOTS)}${suffix}`
}

export function ordinaryPath(random: Prng): string {
  const root = random.weighted([
    [6, ''],
    [1, random.pick(QUOTA_ROOTS)],
  ])
  const depth =
    root === ''
      ? random.weighted([
          [5, 1],
          [4, 2],
          [2, 3],
          [1, 4],
        ])
      : random.below(3)
  let path = root
  for (let i = 0; i < depth; i++) path += `/${random.pick(NAMES)}`
  return path
}

export function anyPath(random: Prng): string | null {
  return random.weighted<() => string | null>([
    [60, () => ordinaryPath(random)],
    [4, () => random.pick(RESERVED)],
    [3, () => quotaPath(random)],
    [3, () => random.pick(ODD_PATHS)],
  ])()
}

export function anyData(random: Prng): Buffer | null {
  return random.weighted<() => Buffer | null>([
    [4, () => Buffer.from(`value ${random.below(1000)}`)],
    [2, () => Buffer.alloc(0)],
    [2, () => null],
    [2, () => random.bytes(random.below(64))],
    [1, () => random.bytes(random.below(2000))],
  ])()
}

/**
 * What goes into a limits node; most of it is what `StatsTrack` writes.
 *
 * @param wellFormed whether the text must be one that `StatsTrack` reads
 */
export function limitsData(random: Prng, wellFormed: boolean): Buffer | null {
  const count = random.pick([-1, 1, 3, 5, 20])
  const bytes = random.pick([-1, 0, 10, 100, 1000])
  const hard = `byteHardLimit=${bytes};countHardLimit=${count}`
  if (!wellFormed && random.oneIn(4)) return random.oneIn(4) ? anyData(random) : Buffer.from(random.pick(ODD_LIMITS))
  return Buffer.from(
    random.weighted([
      [3, `count=-1,bytes=-1=;${hard}`],
      [2, `count=${count},bytes=${bytes}`],
      [1, `count=${count},bytes=${bytes}=;byteHardLimit=${bytes}`],
      [1, `count=${count},bytes=${bytes}=;countHardLimit=${count}`],
      [1, ''],
    ]),
  )
}

const ODD_LIMITS = ['count', 'count=x', '=', ',', 'count=1,bytes', 'count=99999999999999999999', 'count=1 ']

/** What can be put into a usage node without stopping Apache's server at the next write. */
export function usageData(random: Prng): Buffer {
  const count = random.pick([-1, 0, 3, 1000])
  return Buffer.from(
    random.pick(['', `count=${count}`, `count=${count},bytes=7`, `count=1,bytes=${count}=;other=${count}`]),
  )
}

/** Credentials by which sessions become someone; `super` only where the server is configured so. */
export const USERS = ['u1:p1', 'u2:p2', 'u3:with:colons', 'nobody', ':', 'ü:ß', '\u{1f600}:\u{1f600}']
export const SUPER_USER = 'super:secret'
export const SUPER_DIGEST = digestId(SUPER_USER)

const OPEN: Acl = { perms: 31, scheme: 'world', id: 'anyone' }

function someAcl(random: Prng): Acl {
  const perms = random.pick([31, 31, 31, 1, 2, 4, 8, 16, 3, 5, 15, 30, 27, 0])
  return random.weighted<() => Acl>([
    [4, () => ({ perms, scheme: 'world', id: 'anyone' })],
    [4, () => ({ perms, scheme: 'auth', id: random.pick(['', 'ignored']) })],
    [5, () => ({ perms, scheme: 'digest', id: digestId(random.pick(USERS)) })],
    [
      1,
      () => ({
        perms,
        scheme: 'ip',
        id: random.pick(['127.0.0.1', '127.0.0.0/8', '10.0.0.1', '0.0.0.0/0', '127.0.0.1/32']),
      }),
    ],
  ])()
}

const ODD_ACLS: readonly (readonly Acl[] | null)[] = [
  null,
  [],
  [{ perms: 31, scheme: 'world', id: 'someone' }],
  [{ perms: 31, scheme: 'world', id: null }],
  [{ perms: 31, scheme: 'world', id: '' }],
  [{ perms: 31, scheme: null, id: 'anyone' }],
  [{ perms: 31, scheme: null, id: null }],
  [{ perms: 31, scheme: '', id: '' }],
  [{ perms: 31, scheme: 'auth', id: null }],
  [{ perms: 31, scheme: 'digest', id: null }],
  [{ perms: 31, scheme: 'digest', id: 'no-colon' }],
  [{ perms: 31, scheme: 'digest', id: 'a:b:c' }],
  [{ perms: 31, scheme: 'digest', id: ':' }],
  [{ perms: 31, scheme: 'digest', id: 'a:' }],
  [{ perms: 31, scheme: 'digest', id: ':b' }],
  [{ perms: 31, scheme: 'ip', id: null }],
  [{ perms: 31, scheme: 'ip', id: 'localhost' }],
  [{ perms: 31, scheme: 'ip', id: '127.0.0.1/33' }],
  [{ perms: 31, scheme: 'ip', id: '127.0.0.1/-1' }],
  [{ perms: 31, scheme: 'ip', id: '127.0.0.256' }],
  [{ perms: 31, scheme: 'ip', id: '127.0.0' }],
  [{ perms: 31, scheme: 'ip', id: '::1' }],
  [{ perms: 31, scheme: 'ip', id: '::1/128' }],
  [{ perms: 31, scheme: 'ip', id: '' }],
  [{ perms: 31, scheme: 'super', id: '' }],
  [{ perms: 31, scheme: 'sasl', id: 'someone' }],
  [{ perms: 31, scheme: 'x509', id: 'CN=someone' }],
  [{ perms: 31, scheme: 'unknown', id: 'x' }],
  [OPEN, OPEN],
  [OPEN, { perms: 1, scheme: 'world', id: 'anyone' }, OPEN],
  [OPEN, { perms: 31, scheme: 'unknown', id: 'x' }],
  [{ perms: -1, scheme: 'world', id: 'anyone' }],
  [{ perms: 0x7fffffff, scheme: 'world', id: 'anyone' }],
  [{ perms: 32, scheme: 'world', id: 'anyone' }],
  [{ perms: 31, scheme: 'digest', id: '日本:ü\u{1f600}' }],
  [{ perms: 31, scheme: 'digest', id: '\u{10ffff}a\u{10000}:\u{1f600}b' }],
  // Surrogates apart, as Java writes them.
  [{ perms: 31, scheme: 'digest', id: 'a:\ude00\ud83d' }],
  [OPEN, { perms: 31, scheme: 'digest', id: 'a\ud83d:b\ude00' }],
]

export function anyAcl(random: Prng): readonly Acl[] | null {
  return random.weighted<() => readonly Acl[] | null>([
    [20, () => [OPEN]],
    [5, () => [someAcl(random)]],
    [4, () => [someAcl(random), someAcl(random)]],
    [2, () => [OPEN, someAcl(random)]],
    [2, () => random.pick(ODD_ACLS)],
  ])()
}

export function anyVersion(random: Prng): number {
  return random.weighted([
    [10, -1],
    [6, 0],
    [4, 1],
    [3, 2],
    [2, 3],
    [1, -2],
    [1, 0x7fffffff],
    [1, -0x80000000],
  ])
}
