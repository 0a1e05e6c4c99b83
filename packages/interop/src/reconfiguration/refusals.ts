import { KeeperError, type ReconfigOptions, ZooKeeper } from '@vivarium/client'
import { type CheckReport, check, withEnsemble } from '../ensembles/roles.ts'
import { APACHE, type ServerKind } from '../server-process.ts'

/** What is asked for, and Apache's answer where ours is another on purpose; ours is BADARGUMENTS then. */
type Row = readonly [wish: ReconfigOptions, apache?: string]

const FOURTH = 'server.4=10.0.0.4:2888:3888;2181'

const ROWS: readonly Row[] = [
  [{ joining: [FOURTH], fromConfig: 5 }],
  [{ joining: ['server.4=10.0.0.4:2888:3888'] }],
  [{ joining: ['server.4=10.0.0.4:2888;2181'] }],
  [{ joining: ['server.4=10.0.0.4:2888:2888;2181'] }],
  [{ joining: ['server.4=10.0.0.4:2888:3888:leader;2181'] }],
  [{ joining: ['server.4=10.0.0.4:2888:3888;2181;2182'] }],
  [{ joining: ['server.4=10.0.0.4:2888:3888|10.0.0.5:2888:3888;2181'] }],
  [{ joining: ['10.0.0.4:2888:3888;2181'] }],
  [{ joining: [FOURTH, 'server.5=10.0.0.4:2889:3888;2182'] }],
  [{ joining: [FOURTH, 'server.5=10.0.0.4:2889:3889;10.0.0.4:2888'] }],
  [{ leaving: ['1', '2'] }],
  [{ leaving: ['1', '2', '3'] }],
  [{ leaving: ['one'] }, 'MARSHALLINGERROR'],
  [{ joining: ['server.x=10.0.0.4:2888:3888;2181'] }, 'MARSHALLINGERROR'],
  [{ members: [] }],
  [{ members: ['server.1=10.0.0.1:2888:3888'] }],
  [{ members: ['server.1=10.0.0.1:2888:3888:observer'] }, 'MARSHALLINGERROR'],
  [{ members: ['server.1=10.0.0.1:2888:3888', 'clientPort=1'] }],
  [{ members: ['server.4=10.0.0.4:2888:3888;2181', 'server.5=10.0.0.5:2888:3888;2181'] }],
]

async function codesOf(kind: ServerKind, report: CheckReport): Promise<string[]> {
  const codes: string[] = []
  const { complaints } = await withEnsemble(3, { first: 3 }, async (ensemble) => {
    await ensemble.start(() => kind)
    for (const sid of [1, 3]) {
      const zk = await ZooKeeper.connect(`127.0.0.1:${ensemble.member(sid).port}`)
      for (const [wish] of ROWS) {
        codes.push(
          await zk.reconfig(wish).then(
            () => 'OK',
            (error: unknown) => (KeeperError.is(error) ? error.code : String(error)),
          ),
        )
      }
      await zk.close()
    }
  })
  check(report, kind.name, complaints)
  return codes
}

/** What Apache refuses is refused here, by the follower and the leader, and with the same code. */
export async function compareRefusals(kind: ServerKind): Promise<CheckReport> {
  const report: CheckReport = { passed: 0, complaints: [] }
  const theirs = await codesOf(APACHE, report)
  const ours = await codesOf(kind, report)
  theirs.forEach((code, at) => {
    const [wish, apache] = ROWS[at % ROWS.length] as Row
    const expected = apache === undefined ? code : 'BADARGUMENTS'
    check(report, JSON.stringify(wish), [
      ...(apache === undefined || code === apache ? [] : [`Apache says ${code}, not ${apache}`]),
      ...(ours[at] === expected ? [] : [`${ours[at]}, where ${expected} is expected`]),
    ])
  })
  return report
}
