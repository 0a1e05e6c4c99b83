const USAGE = 'the usage names this program, and has its own commands, too'
const ENDED = 'Apache has an exception of Java end the shell'
const CODE = 'the exit code is that of the line that was run again'

/** Lines that our shell answers otherwise than Apache's, and why; for users: docs/cli.md, "Differences from zkCli". */
export const EXPLAINED: ReadonlyMap<string, string> = new Map([
  ['nosuch', USAGE],
  ['set -v x /b any', ENDED],
  ['set -v 99999999999 /b any', ENDED],
  ['set -b /b not-base64!', ENDED],
  ['delete -v x /b', ENDED],
  ['setAcl -v x /a world:anyone:cdrwa', ENDED],
  ['addWatch none', ENDED],
  ['redo x', ENDED],
  ['redo 2', CODE],
  ['redo 0x2', CODE],
  ['version', 'it is the version of this program'],
  ['reconfig -file /no/such/file', 'the reason is in the words of Node.js'],
  ['   ', 'blanks are no command'],
])
