import { command } from '../command.ts'
import type { AdminView } from '../view.ts'

/** How much disk snapshots and logs take, in bytes. */
export const dirs = command('dirs', async function* ({ figures }: AdminView) {
  await figures.refreshDirectories()
  yield `datadir_size: ${figures.dataDirBytes}\nlogdir_size: ${figures.logDirBytes}\n`
})
