import { command } from '../command.ts'
import { javaHex } from '../java-format.ts'
import type { AdminView } from '../view.ts'

/** For each watched path the sessions that watch it. */
export const wchp = command('wchp', function* (view: AdminView) {
  let last: string | null = null
  for (const [path, sessions] of view.watchesByPath()) {
    const head = path === last ? '' : `${path}\n`
    last = path
    yield head + sessions.map((session) => `\t0x${javaHex(session)}\n`).join('')
  }
  yield '\n'
})
