// Asks what consoles ask, in a process of its own, as often as it is told to; and tells each time how much was answered.
import { type PageRequest, replayRequests } from './console-requests.ts'

process.on('message', async ({ requests, seconds }: { requests: PageRequest[]; seconds: number }) => {
  process.send?.(await replayRequests(requests, seconds))
})
process.on('disconnect', () => process.exit(0))
