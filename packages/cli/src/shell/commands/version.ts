import { packageVersion } from '../../package-version.ts'
import type { Command } from '../command.ts'
import { usageError } from '../command.ts'

export const version: Command = {
  name: 'version',
  usage: '',
  offline: true,
  run({ words, print }) {
    if (words.length > 0) throw usageError(version)
    print(`Vivarium CLI version: ${packageVersion()}`, { version: packageVersion() })
  },
}
