import { type ChildProcess, fork } from 'node:child_process'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { CrowdOptions, CrowdState } from './crowd.ts'
import { Ensemble, VIVARIUM } from './interop.ts'

const POLL_MS = 100
/** For how long a crowd may grow or come back before this is given up. */
const PATIENCE_MS = 180_000

export interface LeaderChangeOptions {
  readonly members: number
  readonly sessions: number
  readonly timeoutMs: number
  /** Processes that have the clients. */
  readonly crowds: number
}

export interface LeaderChangeResult extends LeaderChangeOptions {
  /** How long it took to begin all sessions. */
  readonly begunMs: number
  /** How long, after the leader was killed, until all sessions were attached to another member. */
  readonly reattachedMs: number
  /** Sessions that were told that they had expired: none should have been. */
  readonly expired: number
  /** Connections that were turned away or lost on the way. */
  readonly losses: number
}

/** Kills the leader of an ensemble under a crowd of sessions, and looks how long it takes until all are back. */
export async function measureLeaderChange(options: LeaderChangeOptions): Promise<LeaderChangeResult> {
  const { members, sessions, timeoutMs, crowds } = options
  const ensemble = await Ensemble.layOut(members, {
    config: { tickTime: '2000', maxSessionTimeout: String(timeoutMs), snapCount: '1000000' },
  })
  const processes: ChildProcess[] = []
  try {
    await ensemble.start(() => VIVARIUM)
    const ports = ensemble.members.map(({ port }) => port)
    const states: CrowdState[] = []
    for (let i = 0; i < crowds; i++) {
      const child = fork(fileURLToPath(new URL('crowd-process.js', import.meta.url)))
      child.on('message', (state) => {
        states[i] = state as CrowdState
      })
      child.send({ ports, sessions: Math.floor(sessions / crowds), timeoutMs } satisfies CrowdOptions)
      processes.push(child)
    }
    const total = (field: keyof CrowdState): number => states.reduce((sum, state) => sum + state[field], 0)
    const all = Math.floor(sessions / crowds) * crowds
    const begunMs = await until(() => total('attached') === all)
    const leader = await ensemble.settled()
    const losses = total('losses')
    await leader.kill()
    // All that were connected to any member lose that connection: wait for it to show.
    await until(() => total('losses') - losses >= all)
    const reattachedMs = POLL_MS + (await until(() => total('attached') === all))
    return { ...options, begunMs, reattachedMs, expired: total('expired'), losses: total('losses') - losses }
  } finally {
    for (const child of processes) child.kill()
    await ensemble.dispose()
  }
}

async function until(reached: () => boolean): Promise<number> {
  const started = performance.now()
  while (!reached()) {
    if (performance.now() - started > PATIENCE_MS) throw new Error(`not reached within ${PATIENCE_MS} ms`)
    await delay(POLL_MS)
  }
  return Math.round(performance.now() - started)
}
