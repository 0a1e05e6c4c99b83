import { eventually } from '@vivarium/testing'
import { withEnsemble } from '../ensembles/roles.ts'
import { freePort, type ServerKind } from '../server-process.ts'

/** What is told of an observer through which somebody has written: by its leader first, and by the others. */
export async function observersTold(
  kind: ServerKind,
): Promise<{ readonly texts: string[]; readonly complaints: string[] }> {
  const texts: string[] = []
  const { complaints } = await withEnsemble(4, { observers: [4] }, async (ensemble) => {
    const ports = new Map<number, number>()
    for (const { sid, config } of ensemble.members) {
      const port = await freePort()
      ports.set(sid, port)
      const admin = { 'admin.enableServer': 'true', 'admin.serverPort': String(port) }
      Object.assign(config, admin, { 'admin.serverAddress': '127.0.0.1' })
    }
    await ensemble.start(() => kind)
    const client = await ensemble.member(4).connect()
    await client.create('/observed')
    const ask = async (sid: number, command: string): Promise<string> =>
      (await fetch(`http://127.0.0.1:${ports.get(sid)}/commands/${command}`)).text()
    const leader = await ensemble.settled()
    await eventually(
      'the observer is told of',
      async () => /"sid" : 4/.test(await ask(leader.sid, 'observers')) || null,
    )
    const others = ensemble.members.filter((member) => member !== leader)
    for (const { sid } of [leader, ...others]) texts.push(await ask(sid, 'observers'))
    texts.push(await ask(leader.sid, 'observer_connection_stat_reset'), await ask(leader.sid, 'observers'))
    await client.close()
  })
  return { texts, complaints }
}
