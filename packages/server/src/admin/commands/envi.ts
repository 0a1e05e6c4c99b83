import { command } from '../command.ts'
import { environmentInfo } from '../environment-info.ts'

/** Where and as whom the server runs. */
export const envi = command(
  'envi',
  function* () {
    yield 'Environment:\n'
    for (const [name, value] of environmentInfo()) yield `${name}=${value}\n`
  },
  { always: true },
)
