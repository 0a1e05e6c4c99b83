import { command } from '../command.ts'
import { javaHex } from '../java-format.ts'
import type { AdminView } from '../view.ts'

/** The digests of the tree at past zxids, for comparing servers. */
export const hash = command('hash', function* (view: AdminView) {
  for (const { zxid, digest } of view.digests()) yield `${javaHex(zxid)}: ${BigInt.asIntN(64, digest)}\n`
})
