import { setTimeout as delay } from 'node:timers/promises'
import type { SeededRandom } from '@vivarium/sim'
import type { Lab, Undo } from './lab.ts'

const PAUSE_MS = { least: 300, most: 2500 }
const FAULT_MS = { least: 500, most: 5000 }

/** Does one thing after another to the servers, several at a time now and then, and undoes all of it. Tells what it did. */
export async function disturb(lab: Lab, seconds: number, random: SeededRandom): Promise<string[]> {
  const untilMs = performance.now() + seconds * 1000
  const done: string[] = []
  const underWay = new Set<Promise<void>>()
  while (performance.now() < untilMs) {
    await delay(random.between(PAUSE_MS.least, PAUSE_MS.most))
    // With two at a time there may be no quorum, which is to be nothing worse than that.
    if (underWay.size >= 2) continue
    const sid = random.pick(lab.servers).sid
    const other = random.pick(lab.servers.filter((server) => server.sid !== sid)).sid
    const ms = random.between(FAULT_MS.least, FAULT_MS.most)
    const [what, begin] = random.pick(FAULTS)
    const undo = await begin(lab, sid, other)
    if (undo === null) continue
    done.push(what)
    const over = delay(ms).then(undo)
    underWay.add(over)
    void over.then(() => underWay.delete(over))
  }
  await Promise.all(underWay)
  for (const { sid } of lab.servers) if (!lab.isRunning(sid)) await lab.start(sid)
  return done
}

type Begin = (lab: Lab, sid: number, other: number) => Promise<Undo | null> | Undo | null

const restart = async (lab: Lab, sid: number, end: () => Promise<void>): Promise<Undo | null> => {
  if (!lab.isRunning(sid)) return null
  await end()
  return () => (lab.isRunning(sid) ? undefined : lab.start(sid))
}

const FAULTS: readonly (readonly [what: string, begin: Begin])[] = [
  ['killed', (lab, sid) => restart(lab, sid, () => lab.kill(sid))],
  ['killed', (lab, sid) => restart(lab, sid, () => lab.kill(sid))],
  ['stopped', (lab, sid) => restart(lab, sid, () => lab.stop(sid))],
  ['paused', (lab, sid) => lab.pause(sid)],
  ['unplugged', (lab, sid) => lab.unplug(sid)],
  ['silenced', (lab, sid, other) => lab.silence(sid, other)],
  ['filled', (lab, sid) => lab.fill(sid)],
]
