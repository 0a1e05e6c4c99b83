// A crowd of readers in a process of its own. Its options come with the first message; then it does what it is told, and answers
// each message with its state once that is done.
import { StreamCrowd, type StreamCrowdOptions } from './stream-crowd.ts'

const AT_ONCE = 100

let crowd: StreamCrowd | null = null
process.on('message', async (message: StreamCrowdOptions | 'reconnect' | 'state') => {
  if (message === 'reconnect') await crowd?.reconnect(AT_ONCE)
  else if (message !== 'state') {
    crowd = new StreamCrowd(message)
    await crowd.open(AT_ONCE)
  }
  process.send?.(crowd?.state)
})
process.on('disconnect', () => process.exit(0))
