import { command } from '../command.ts'
import { javaHex } from '../java-format.ts'
import type { AdminView } from '../view.ts'

/** For each session the paths that it watches. */
export const wchc = command('wchc', function* (view: AdminView) {
  let last: bigint | null = null
  for (const [session, paths] of view.watchesBySession()) {
    const head = session === last ? '' : `0x${javaHex(session)}\n`
    last = session
    yield head + paths.map((path) => `\t${path}\n`).join('')
  }
  yield '\n'
})
