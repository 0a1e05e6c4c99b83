import type { Listener, ListenOptions, Network, Socket, SocketHandler } from '@vivarium/env'
import type { SeededRandom } from '../random.ts'
import { Link } from './link.ts'
import type { SimProcess } from './process.ts'
import { SimSocket } from './socket.ts'
import type { World } from './world.ts'

interface Listening {
  readonly process: SimProcess
  readonly accept: (socket: Socket) => SocketHandler
}

/** What is known of a machine: whether it has power, what listens on it, and its connections. */
class Host {
  up = true
  readonly listening = new Map<number, Listening>()
  sockets = new Set<SimSocket>()
}

function networkError(code: string, message: string): Error {
  return Object.assign(new Error(`${code}: ${message}`), { code })
}

/** The network between the machines of a world. Hosts are known by their addresses. */
export class SimNetwork {
  readonly #world: World
  readonly #random: SeededRandom
  readonly #hosts = new Map<string, Host>()
  readonly #links = new Map<string, Link>()
  /** By address of the second network: the first one of the same host. */
  readonly #second = new Map<string, string>()
  #nextPort = 40_000

  constructor(world: World) {
    this.#world = world
    this.#random = world.random.fork('network')
  }

  /** What a process on that host sees of the network. */
  of(process: SimProcess, address: string): Network {
    return {
      listen: (options, accept) => this.#listen(process, address, options, accept),
      connect: (options, handler) => this.#connect(process, address, options, handler),
    }
  }

  /** The host has an address on a second network, over which it is called by those who have one there, too. */
  addAddress(second: string, first: string): void {
    this.#second.set(second, first)
  }

  link(from: string, to: string): Link {
    const key = `${from} ${to}`
    let link = this.#links.get(key)
    if (link === undefined) {
      link = new Link(this.#world, this.#random.between(0.1, 3), this.#random.between(0, 4))
      this.#links.set(key, link)
    }
    return link
  }

  /** A process has ended: its connections are closed by the system, or vanish with the power. */
  processEnded(process: SimProcess, address: string, power: boolean): void {
    const host = this.#host(address)
    if (power) host.up = false
    for (const [port, listening] of host.listening) if (listening.process === process) host.listening.delete(port)
    for (const socket of host.sockets) {
      if (socket.process !== process) continue
      host.sockets.delete(socket)
      if (socket.closed) continue
      if (power) socket.vanished()
      else socket.abandoned()
    }
  }

  /** The machine is on again. */
  powerOn(address: string): void {
    this.#host(address).up = true
  }

  /** Resets a connection of this host, as something between the machines may. False if it has none. */
  cutOne(address: string): boolean {
    const open = [...this.#host(address).sockets].filter((socket) => !socket.closed)
    if (open.length === 0) return false
    const socket = this.#random.pick(open)
    // Each end may learn of it, or only one of them: then the connection is half open.
    const ends = this.#random.pick([[socket, socket.peer], [socket], [socket.peer]])
    for (const end of ends) end.destroy(true)
    return true
  }

  /** The addresses to which this host has connections, for each of them. */
  connectedTo(address: string): string[] {
    return [...this.#host(address).sockets].filter(({ closed }) => !closed).map(({ remoteAddress }) => remoteAddress)
  }

  #host(address: string): Host {
    const first = this.#second.get(address) ?? address
    let host = this.#hosts.get(first)
    if (host === undefined) {
      host = new Host()
      this.#hosts.set(first, host)
    }
    return host
  }

  /** The address of the same host on the network of the other. */
  #near(from: string, to: string): string {
    if (!this.#second.has(to)) return from
    for (const [second, first] of this.#second) if (first === from) return second
    return from
  }

  #listen(
    process: SimProcess,
    address: string,
    { port }: ListenOptions,
    accept: (socket: Socket) => SocketHandler,
  ): Promise<Listener> {
    if (!process.alive) return new Promise(() => {})
    const host = this.#host(address)
    if (host.listening.has(port)) return Promise.reject(networkError('EADDRINUSE', `port ${port}`))
    const listening = { process, accept }
    host.listening.set(port, listening)
    return Promise.resolve({
      port,
      address,
      close: () => {
        if (host.listening.get(port) === listening) host.listening.delete(port)
        return Promise.resolve()
      },
    })
  }

  #connect(
    process: SimProcess,
    address: string,
    { host: to, port, timeoutMs }: { host: string; port: number; timeoutMs: number },
    handler: SocketHandler,
  ): Promise<Socket> {
    return new Promise((resolve, reject) => {
      let over = false
      const from = this.#near(address, to)
      const out = this.link(from, to)
      const back = this.link(to, from)
      const fail = (code: string): void => {
        if (over) return
        over = true
        process.run(() => reject(networkError(code, `${to}:${port}`)))
      }
      this.#world.queue.after(timeoutMs, () => fail('ETIMEDOUT'))
      const arrive = (): void => {
        if (over) return
        if (out.blocked) return out.park(arrive)
        if (back.blocked) return back.park(arrive)
        const target = this.#host(to)
        if (!target.up) return void this.#world.queue.after(1000, arrive)
        const listening = target.listening.get(port)
        if (listening === undefined) return fail('ECONNREFUSED')
        over = true
        const [near, far] = this.#pair(process, from, listening.process, to, port)
        near.handler = handler
        // Whoever pauses a server pauses its accepting, too; the connection exists all the same.
        listening.process.run(() => {
          if (!far.closed) far.handler = listening.accept(far)
        })
        this.#world.queue.at(back.arrivalMs(), () => process.run(() => resolve(near)))
      }
      this.#world.queue.at(out.arrivalMs(), arrive)
    })
  }

  #pair(
    near: SimProcess,
    nearAddress: string,
    far: SimProcess,
    farAddress: string,
    port: number,
  ): SimSocket[] & {
    0: SimSocket
    1: SimSocket
  } {
    const random = this.#random.fork('connection')
    const windowBytes = random.weighted([
      [1, random.int(50, 400)],
      [3, 65_536],
    ])
    const ephemeralPort = this.#nextPort++
    const nearSocket = new SimSocket({
      process: near,
      link: this.link(nearAddress, farAddress),
      random,
      remoteAddress: farAddress,
      remotePort: port,
      windowBytes,
      peerHostUp: () => this.#host(farAddress).up,
    })
    const farSocket = new SimSocket({
      process: far,
      link: this.link(farAddress, nearAddress),
      random,
      remoteAddress: nearAddress,
      remotePort: ephemeralPort,
      windowBytes,
      peerHostUp: () => this.#host(nearAddress).up,
    })
    nearSocket.peer = farSocket
    farSocket.peer = nearSocket
    this.#host(nearAddress).sockets.add(nearSocket)
    this.#host(farAddress).sockets.add(farSocket)
    return [nearSocket, farSocket]
  }
}
