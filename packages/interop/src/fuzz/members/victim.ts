import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Prng } from '../../prng.ts'
import { freePort, ServerProcess, VIVARIUM } from '../../server-process.ts'
import type { Tally } from './attack.ts'
import { HostileLeader } from './hostile-leader.ts'

/** A server of three that is told lies by the other two. */
export class Victim {
  readonly server: ServerProcess
  readonly #leader: HostileLeader
  readonly #directory: string

  private constructor(server: ServerProcess, leader: HostileLeader, directory: string) {
    this.server = server
    this.#leader = leader
    this.#directory = directory
  }

  static async start(random: Prng, tally: Tally): Promise<Victim> {
    const [election, electionOfTwo, electionOfThree, quorum] = [
      await freePort(),
      await freePort(),
      await freePort(),
      await freePort(),
    ] as const
    const ports = { election, elections: [electionOfTwo, electionOfThree], quorum } as const
    const leader = new HostileLeader(random, ports, tally)
    await leader.start()
    const directory = mkdtempSync(join(tmpdir(), 'interop-victim-'))
    mkdirSync(join(directory, 'data'))
    writeFileSync(join(directory, 'data', 'myid'), '1')
    const config = {
      forceSync: 'no',
      initLimit: '5',
      syncLimit: '2',
      'server.1': `127.0.0.1:${await freePort()}:${election}`,
      'server.2': `127.0.0.1:${await freePort()}:${electionOfTwo}`,
      'server.3': `127.0.0.1:${quorum}:${electionOfThree}`,
    }
    const server = await ServerProcess.start(VIVARIUM, { directory, port: await freePort(), config, waits: false })
    return new Victim(server, leader, directory)
  }

  async close(): Promise<void> {
    this.#leader.close()
    await this.server.dispose()
    rmSync(this.#directory, { recursive: true, force: true })
  }
}
