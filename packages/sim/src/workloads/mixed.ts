import { type ACL, CREATOR_ALL_ACL, OPEN_ACL_UNSAFE, Perm } from '@vivarium/protocol'
import type { SeededRandom } from '../random.ts'
import type { Request, WriteRequest } from './requests.ts'
import type { Workload, WorkloadContext } from './workload.ts'

const OPEN = OPEN_ACL_UNSAFE
const READ_ONLY: readonly ACL[] = [{ perms: Perm.READ | Perm.ADMIN, id: { scheme: 'world', id: 'anyone' } }]
const NAMES = ['a', 'b', 'c', 'd']

export function anyPath(random: SeededRandom): string {
  const depth = random.weighted([
    [4, 1],
    [4, 2],
    [1, 3],
  ])
  return Array.from({ length: depth }, () => `/${random.pick(NAMES)}`).join('')
}

function anyAcl(random: SeededRandom): readonly ACL[] {
  return random.weighted([
    [20, OPEN],
    [2, CREATOR_ALL_ACL],
    [1, READ_ONLY],
  ])
}

function anyVersion(context: WorkloadContext, path: string): number {
  const { random } = context
  return random.weighted([
    [4, -1],
    [4, context.versionOf(path)],
    [1, random.int(0, 3)],
  ])
}

export function anyCreate(context: WorkloadContext): WriteRequest {
  const { random } = context
  return {
    kind: random.pick(['create', 'create2'] as const),
    path: anyPath(random),
    data: random.chance(0.1) ? null : context.value(),
    acl: anyAcl(random),
    flags: random.weighted([
      [6, 0],
      [2, 1],
    ]),
  }
}

export function anyWrite(context: WorkloadContext): WriteRequest {
  const { random } = context
  const path = anyPath(random)
  switch (random.int(0, 9)) {
    case 0:
    case 1:
    case 2:
    case 3:
      return anyCreate(context)
    case 4:
    case 5:
      return { kind: 'delete', path, version: anyVersion(context, path) }
    default:
      return { kind: 'setData', path, data: context.value(), version: anyVersion(context, path) }
  }
}

export function anyRead(context: WorkloadContext): Request {
  const { random } = context
  const path = random.chance(0.05) ? '/' : anyPath(random)
  const watch = random.chance(0.3)
  switch (random.int(0, 8)) {
    case 0:
      return { kind: 'exists', path, watch }
    case 1:
    case 2:
      return { kind: 'getChildren', path, watch }
    case 3:
      return { kind: 'getChildren2', path, watch }
    case 4:
      return { kind: 'getACL', path }
    case 5:
      return random.chance(0.5) ? { kind: 'getAllChildrenNumber', path } : { kind: 'getEphemerals', prefix: '/' }
    default:
      return { kind: 'getData', path, watch }
  }
}

function anyMulti(context: WorkloadContext): Request {
  const { random } = context
  const operations = Array.from({ length: random.int(1, 4) }, (): WriteRequest => {
    const path = anyPath(random)
    return random.chance(0.25) ? { kind: 'check', path, version: anyVersion(context, path) } : anyWrite(context)
  })
  return { kind: 'multi', operations }
}

function anything(context: WorkloadContext): Request {
  const { random } = context
  const path = anyPath(random)
  switch (random.int(0, 19)) {
    case 0:
      return { kind: 'sync', path }
    case 1:
      return random.chance(0.8) ? { kind: 'createContainer', path, data: null, acl: OPEN, flags: 4 } : anyRead(context)
    case 2:
      return { kind: 'setACL', path, acl: anyAcl(random), version: -1 }
    case 3:
    case 4:
    case 5:
      return anyMulti(context)
    case 6:
      return { kind: 'addWatch', path, recursive: random.chance(0.5) }
    default:
      return random.chance(0.5) ? anyWrite(context) : anyRead(context)
  }
}

/** Everything there is, on few znodes, so that clients get in each other's way. */
export const mixed: Workload = {
  name: 'mixed',
  next: (context) => Array.from({ length: context.random.int(1, 6) }, () => anything(context)),
}
