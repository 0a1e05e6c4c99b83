import { eventually } from '@vivarium/testing'
import { APACHE, type ServerKind } from '../server-process.ts'
import type { Ensemble } from './ensemble.ts'
import { type CheckReport, check, withEnsemble } from './roles.ts'
import { Writer } from './writer.ts'

const WRITERS = 4
/** How many new epochs are waited for. */
const EPOCHS = 3
/** Where each kind of leader begins to count, for a few hundred transactions to its end: ours ends before the last 65536. */
const FIRST = { apache: 0xffff_ffff - 300, other: 0xffff_0000 - 300 }

/**
 * Writes until the counters of several epochs have run out, whoever leads: sessions live on, and what was acknowledged is
 * there.
 */
export function checkRollOver(kinds: readonly ServerKind[]): Promise<CheckReport> {
  return withEnsemble(kinds.length, {}, async (ensemble, report) => {
    const kindOf = (sid: number): ServerKind => kinds[sid - 1] as ServerKind
    for (const { sid, config } of ensemble.members) {
      config['testingonly.initialZxid'] = String(kindOf(sid) === APACHE ? FIRST.apache : FIRST.other)
    }
    await ensemble.start(kindOf, [1, 3])
    await ensemble.start(kindOf, [2])
    const first = await epochOf(ensemble)
    const writers = Array.from({ length: WRITERS }, (_, at) => new Writer(ensemble, at))
    await Promise.all(writers.map((writer) => writer.open()))
    const writing = Promise.all(writers.map((writer) => writer.run()))
    await eventually(`${EPOCHS} epochs have ended`, async () =>
      (await epochOf(ensemble)) >= first + EPOCHS ? true : null,
    )
    for (const writer of writers) writer.stop()
    await writing
    await ensemble.settled()
    for (const { sid } of ensemble.members) {
      const client = await ensemble.member(sid).connect()
      await client.sync()
      for (const writer of writers) check(report, `server ${sid}`, await writer.missing(client))
      await client.close()
    }
    check(report, 'in the end', await ensemble.differences())
    await Promise.all(writers.map((writer) => writer.close()))
  })
}

/** The highest epoch that any member tells of. */
async function epochOf({ running }: Ensemble): Promise<number> {
  const answers = await Promise.all(running.map(({ process }) => process?.word('srvr').catch(() => '') ?? ''))
  const zxids = answers.map((answer) => BigInt(/^Zxid: (0x[0-9a-f]+)$/m.exec(answer)?.[1] ?? 0))
  return Math.max(...zxids.map((zxid) => Number(zxid >> 32n)))
}
