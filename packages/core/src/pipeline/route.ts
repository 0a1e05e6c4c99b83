import { OpCode } from '@vivarium/protocol'

/** How a request goes through the pipeline. */
export const Route = {
  /** No operation, or one that clients may not ask for. */
  REFUSE: 0,
  /** Answered from the tree. */
  READ: 1,
  /** Becomes a transaction. */
  WRITE: 2,
  /** Waits for all that has a zxid already. */
  SYNC: 3,
  CLOSE_SESSION: 4,
  AUTH: 5,
  SASL: 6,
} as const

/** Opcodes are small integers from −11 on. */
const FIRST = -11
const routes = new Uint8Array(128)

function route(to: number, ...opcodes: readonly number[]): void {
  for (const opcode of opcodes) routes[opcode - FIRST] = to
}

route(Route.READ, OpCode.exists, OpCode.getData, OpCode.getACL, OpCode.getChildren, OpCode.getChildren2, OpCode.ping)
route(Route.READ, OpCode.multiRead, OpCode.getEphemerals, OpCode.getAllChildrenNumber, OpCode.whoAmI)
route(Route.READ, OpCode.checkWatches, OpCode.removeWatches, OpCode.setWatches, OpCode.setWatches2, OpCode.addWatch)
route(Route.WRITE, OpCode.create, OpCode.create2, OpCode.createContainer, OpCode.createTTL, OpCode.delete)
route(Route.WRITE, OpCode.setData, OpCode.setACL, OpCode.multi, OpCode.reconfig)
route(Route.SYNC, OpCode.sync)
route(Route.CLOSE_SESSION, OpCode.closeSession)
route(Route.AUTH, OpCode.auth)
route(Route.SASL, OpCode.sasl)
// Not here, and so refused: check, which is a part of a multi only (ZOOKEEPER-2623), and what only servers may ask for,
// though Java takes it from clients too: deleteContainer, which checks no ACL, and createSession.

/** The {@link Route} of an opcode, whatever a client sent as one. */
export function routeOf(opcode: number): number {
  return routes[opcode - FIRST] ?? Route.REFUSE
}
