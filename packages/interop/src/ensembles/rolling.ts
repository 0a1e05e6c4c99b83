import { setTimeout as delay } from 'node:timers/promises'
import type { ServerKind } from '../server-process.ts'
import { type CheckReport, check, withEnsemble } from './roles.ts'
import { Writer } from './writer.ts'

const WRITERS = 4

/**
 * Replaces the members of an ensemble one by one by another implementation, and then back, while sessions write: none of
 * them may end, and nothing that was acknowledged may be missing.
 */
export function checkRollingReplacement(from: ServerKind, to: ServerKind): Promise<CheckReport> {
  return withEnsemble(3, {}, async (ensemble, report) => {
    await ensemble.start(() => from)
    const writers = Array.from({ length: WRITERS }, (_, at) => new Writer(ensemble, at))
    await Promise.all(writers.map((writer) => writer.open()))
    const writing = writers.map((writer) => writer.run())
    for (const kind of [to, from]) {
      for (const { sid } of ensemble.members) {
        await ensemble.member(sid).stop()
        await ensemble.settled()
        await ensemble.start(() => kind, [sid])
        await delay(500)
      }
    }
    for (const writer of writers) writer.stop()
    await Promise.all(writing)
    for (const { sid } of ensemble.members) {
      const client = await ensemble.member(sid).connect()
      await client.sync()
      for (const writer of writers) check(report, `server ${sid}`, await writer.missing(client))
      await client.close()
    }
    const counts = writers.map(({ acknowledged }) => acknowledged.length)
    check(report, `all have written: ${counts}`, Math.min(...counts) > 100)
    check(report, 'in the end', await ensemble.differences())
    await Promise.all(writers.map((writer) => writer.close()))
  })
}
