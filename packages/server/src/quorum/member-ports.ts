import type { Member } from '@vivarium/core'
import type { Listener, Log } from '@vivarium/env'
import type { ServerConfig } from '../config/server-config.ts'
import type { ClientFront } from '../serving/client-front.ts'
import { StartError } from '../start-error.ts'
import type { ElectionService } from './election-service.ts'

/** A host of null stands for all addresses, as 0.0.0.0 does. */
interface ClientAddress {
  readonly host: string | null
  readonly port: number
}

export interface MemberPortsOptions {
  readonly config: ServerConfig
  readonly log: Log
  readonly front: ClientFront
  readonly election: ElectionService
  /** Clients find the server at another port. */
  readonly moved: (clientPort: number) => void
  readonly fail: (error: StartError) => void
}

/**
 * Where a member listens all the time: for clients, and for the election. A reconfiguration may say that it is elsewhere.
 * (Where it listens when it leads is the leader's business.)
 */
export class MemberPorts {
  readonly #options: MemberPortsOptions
  #client: ClientAddress | null
  #listener: Listener | null = null
  #moving: Promise<void> = Promise.resolve()

  constructor(options: MemberPortsOptions) {
    const { clientPort, clientPortAddress } = options.config
    this.#options = options
    this.#client = clientPort === null ? null : { host: clientPortAddress, port: clientPort }
  }

  /** Listens for clients. */
  async listen(port: number): Promise<Listener> {
    this.#listener = await this.#options.front.listen(port)
    return this.#listener
  }

  /** @throws {StartError} */
  async listenForElection(self: Member): Promise<void> {
    try {
      await this.#options.election.listen()
    } catch (error) {
      const ports = self.addresses.map(({ host, electionPort }) => `${host}:${electionPort}`).join(', ')
      const message = `Cannot listen for the other members on ${ports}: ${(error as Error).message}`
      throw new StartError('LISTEN', message, { cause: error })
    }
  }

  /** The own line of the configuration has changed. Connections stay as they are. */
  move(before: Member, self: Member): void {
    if (electionPorts(before) !== electionPorts(self)) {
      this.#inTurn(() => this.listenForElection(self).catch((error: StartError) => this.#options.fail(error)))
    }
    const { client } = self
    if (client === null || isSame(client, before.client) || isSame(client, this.#client)) return
    this.#inTurn(() => this.#moveClientPort(client))
  }

  async close(): Promise<void> {
    await this.#moving
    await this.#listener?.close()
  }

  #inTurn(task: () => Promise<void>): void {
    this.#moving = this.#moving.then(task)
  }

  /** If it cannot be had, the old one is taken again: better than none (NIOServerCnxnFactory.reconfigure has none then). */
  async #moveClientPort(address: ClientAddress): Promise<void> {
    const { front, log, moved } = this.#options
    const before = this.#client
    // The two may exclude each other, as all addresses and one of them do.
    await this.#listener?.close()
    this.#listener = null
    for (const { host, port } of before === null ? [address] : [address, before]) {
      try {
        this.#listener = await front.listen(port, false, host)
        this.#client = { host, port }
        moved(port)
        return log.info(`Clients find this server at port ${port} from now on.`, { host })
      } catch (error) {
        log.error(`Cannot listen for clients on port ${port}.`, { host, error: String(error) })
      }
    }
  }
}

const electionPorts = ({ addresses }: Member): string =>
  addresses.map(({ host, electionPort }) => `${host} ${electionPort}`).join()

function isSame(one: ClientAddress, other: ClientAddress | null): boolean {
  return other !== null && one.port === other.port && (one.host ?? '0.0.0.0') === (other.host ?? '0.0.0.0')
}
