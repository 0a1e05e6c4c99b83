import { command } from '../command.ts'
import { emitMetrics } from '../metrics.ts'
import { FULL_VERSION } from '../version.ts'
import type { AdminView } from '../view.ts'

/** Every metric, a line each (MonitorCommand). */
export const mntr = command('mntr', async function* (view: AdminView) {
  await view.figures.refreshFileDescriptors()
  yield `zk_version\t${FULL_VERSION}\nzk_server_state\t${view.mode}\n`
  if (view.member !== null && view.mode !== 'read-only') yield `zk_peer_state\t${view.member.peerState}\n`
  let lines = ''
  emitMetrics(view, (key, text) => {
    lines += `zk_${key}\t${text}\n`
  })
  yield lines
})
