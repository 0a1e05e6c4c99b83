// A paced load in a process of its own: what else is done where the measurement is led from, such as telling a browser what to
// open, delays none of its requests. Its options come with the first message, which is answered once it is connected; then for
// how many seconds to run, which is answered with the p99 in milliseconds.
import { PacedLoad, type PacedLoadOptions } from './paced-load.ts'

let load: PacedLoad | null = null
process.on('message', async (message: PacedLoadOptions | number) => {
  if (typeof message !== 'number') load = await PacedLoad.connect(message)
  process.send?.(typeof message === 'number' ? (await load?.run(message))?.percentile(0.99) : 'connected')
})
process.on('disconnect', () => process.exit(0))
