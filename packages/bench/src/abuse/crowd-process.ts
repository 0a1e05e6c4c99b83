// A crowd in a process of its own: how many files one may open is limited. Its options come with the first message, and its
// state is told ten times a second.
import { Crowd, type CrowdOptions } from './crowd.ts'

const TELL_MS = 100

process.once('message', (options: CrowdOptions) => {
  const crowd = new Crowd(options)
  setInterval(() => process.send?.(crowd.state), TELL_MS)
})
process.on('disconnect', () => process.exit(0))
