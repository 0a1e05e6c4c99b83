/** The opcodes of `ZooDefs.OpCode`, as numbers of their own (see `bytes.ts` for why not the server's). */
export const Op = {
  create: 1,
  delete: 2,
  exists: 3,
  getData: 4,
  setData: 5,
  getAcl: 6,
  setAcl: 7,
  getChildren: 8,
  sync: 9,
  ping: 11,
  getChildren2: 12,
  check: 13,
  multi: 14,
  create2: 15,
  reconfig: 16,
  checkWatches: 17,
  removeWatches: 18,
  createContainer: 19,
  deleteContainer: 20,
  createTtl: 21,
  multiRead: 22,
  auth: 100,
  setWatches: 101,
  sasl: 102,
  getEphemerals: 103,
  getAllChildrenNumber: 104,
  setWatches2: 105,
  addWatch: 106,
  whoAmI: 107,
  createSession: -10,
  closeSession: -11,
  error: -1,
} as const

const NAMES = new Map<number, string>(Object.entries(Op).map(([name, code]) => [code, name]))

/** `create`, `getData`, …, or `opcode 77`. */
export function opName(op: number): string {
  return NAMES.get(op) ?? `opcode ${op}`
}

/** The names of `KeeperException.Code` that can be on the wire. */
const ERRORS = new Map<number, string>([
  [0, 'OK'],
  [-2, 'RUNTIMEINCONSISTENCY'],
  [-4, 'CONNECTIONLOSS'],
  [-5, 'MARSHALLINGERROR'],
  [-6, 'UNIMPLEMENTED'],
  [-8, 'BADARGUMENTS'],
  [-12, 'UNKNOWNSESSION'],
  [-13, 'NEWCONFIGNOQUORUM'],
  [-14, 'RECONFIGINPROGRESS'],
  [-101, 'NONODE'],
  [-102, 'NOAUTH'],
  [-103, 'BADVERSION'],
  [-108, 'NOCHILDRENFOREPHEMERALS'],
  [-110, 'NODEEXISTS'],
  [-111, 'NOTEMPTY'],
  [-112, 'SESSIONEXPIRED'],
  [-114, 'INVALIDACL'],
  [-115, 'AUTHFAILED'],
  [-118, 'SESSIONMOVED'],
  [-119, 'NOTREADONLY'],
  [-120, 'EPHEMERALONLOCALSESSION'],
  [-121, 'NOWATCHER'],
  [-123, 'RECONFIGDISABLED'],
  [-124, 'SESSIONCLOSEDREQUIRESASLAUTH'],
  [-125, 'QUOTAEXCEEDED'],
  [-127, 'THROTTLEDOP'],
])

/** `NONODE`, …, or the number itself. */
export function errorName(errno: number): string {
  return ERRORS.get(errno) ?? String(errno)
}
