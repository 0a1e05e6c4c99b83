import { setMaxListeners } from 'node:events'
import { ConnectError, type State, type StateChange, type WatchEvent, ZooKeeper } from '@vivarium/client'
import type { Network } from '@vivarium/env'
import { NodeNetwork, TlsConnector } from '@vivarium/env/node'
import { type Call, usageError } from './command.ts'
import { COMMANDS, findCommand } from './commands/index.ts'
import { CliError, describeFailure, failureCode } from './failure.ts'
import { type Invocation, USAGE } from './invocation.ts'
import { Arguments, parseOptions } from './options.ts'
import { splitWords } from './words.ts'

/** Where the shell prints. */
export interface Output {
  out(text: string): void
  err(text: string): void
}

/** How long a command waits for a connection, unless `-waitforconnection` asks for more. */
const PATIENCE_MS = 5000

/** The names that Java has for a client's states, in the prompt and in events. */
const PROMPTS: { readonly [S in State]: string } = {
  connecting: 'CONNECTING',
  connected: 'CONNECTED',
  'read-only': 'CONNECTEDREADONLY',
  suspended: 'CONNECTING',
  lost: 'CONNECTING',
  closed: 'CLOSED',
}
const EVENTS: Partial<Record<State, string>> = {
  connected: 'SyncConnected',
  'read-only': 'ConnectedReadOnly',
  suspended: 'Disconnected',
  lost: 'Expired',
  closed: 'Closed',
}

/** zkCli's shell: a client, the commands that use it, and what they have in common. */
export class Shell {
  readonly json: boolean
  printWatches = true
  /** Of the last command. */
  exitCode = 0
  /** Set once `quit` was asked for. */
  hasQuit = false
  readonly #invocation: Invocation
  readonly #output: Output
  readonly #history: string[] = []
  #server: string
  #zk: ZooKeeper | null = null
  #running: AbortController | null = null
  #told: WatchEvent | null = null

  constructor(invocation: Invocation, output: Output) {
    this.json = invocation.json
    this.#invocation = invocation
    this.#output = output
    this.#server = invocation.server
  }

  /** The client; null before the first connection. */
  get zk(): ZooKeeper | null {
    return this.#zk
  }

  /** The servers that it is for, as a connect string. */
  get server(): string {
    return this.#server
  }

  /** Connections as the servers want them, encrypted or not. */
  get network(): Pick<Network, 'connect'> {
    const { tls } = this.#invocation.client
    return tls === undefined ? new NodeNetwork() : new TlsConnector(tls)
  }

  /** Whether nothing but results is to be printed. */
  get quiet(): boolean {
    return this.#invocation.quiet
  }

  get prompt(): string {
    const state = this.#zk === null ? 'CLOSED' : PROMPTS[this.#zk.state]
    return `[zk: ${this.#server}(${state}) ${this.#history.length}] `
  }

  /** Connects for the first time, and says so. */
  async start(): Promise<void> {
    if (!this.#invocation.quiet) this.#output.out(`Connecting to ${this.#server}\n`)
    await this.connect()
  }

  /** Begins a session with these servers, after ending the one there is. */
  async connect(server: string = this.#server): Promise<void> {
    await this.#zk?.close()
    const zk = this.#client(server)
    zk.onState((change) => this.#tellState(change))
    this.#server = server
    this.#zk = zk
  }

  /** A session with other servers, beside the one there is; whoever asks for it ends it. @throws {CliError} */
  async connectElsewhere(server: string, timeoutMs?: number): Promise<ZooKeeper> {
    const zk = this.#client(server)
    try {
      await this.#connected(zk, timeoutMs)
      return zk
    } catch (error) {
      await zk.close()
      throw error
    }
  }

  #client(server: string): ZooKeeper {
    const { timeoutMs, canBeReadOnly, client } = this.#invocation
    const requestTimeoutMs = client.requestTimeoutMs ?? timeoutMs
    return new ZooKeeper(server, { ...client, sessionTimeoutMs: timeoutMs, requestTimeoutMs, canBeReadOnly })
  }

  async close(): Promise<void> {
    await this.#zk?.close()
  }

  async quit(): Promise<void> {
    this.hasQuit = true
    await this.close()
  }

  /** Ends the command that runs, if it can be ended. Returns false if none runs. */
  interrupt(): boolean {
    this.#running?.abort()
    return this.#running !== null
  }

  /** Runs a line that was typed. */
  async executeLine(line: string): Promise<void> {
    if (line.trim() === '') return
    this.#history.push(line)
    await this.execute(splitWords(line))
  }

  /** Runs a command and keeps its exit code. */
  async execute(words: readonly string[]): Promise<void> {
    try {
      await this.#run(words)
      // Who quits is told how the command before that went.
      if (!this.hasQuit) this.exitCode = 0
    } catch (error) {
      this.exitCode = error instanceof CliError ? error.exitCode : 1
      const message = describeFailure(error)
      if (message === '') return
      this.#output.err(this.json ? `${JSON.stringify({ error: failureCode(error), message })}\n` : `${message}\n`)
    }
  }

  /** The last lines that were typed, with their numbers. */
  recent(): [number, string][] {
    return [...this.#history.entries()].slice(-11)
  }

  /** Runs a line once more. @throws {CliError} */
  async redo(number: string): Promise<void> {
    const line = /^(\d+|0x[0-9a-f]+)$/i.test(number) ? this.#history.slice(0, -1)[Number(number)] : undefined
    if (line === undefined) throw new CliError('Command index out of range')
    const words = splitWords(line)
    if (words[0] === 'redo') throw new CliError('No redoing redos')
    this.#history[this.#history.length - 1] = line
    await this.#run(words)
  }

  /** Prints an event, unless the user does not want to see any. */
  tell(type: string, path: string | null, state = 'SyncConnected', zxid = -1): void {
    if (!this.printWatches || this.#invocation.quiet) return
    this.#output.out(`\nWATCHER::\n\nWatchedEvent state:${state} type:${type} path:${path} zxid: ${zxid}\n`)
  }

  async #run([name, ...rest]: readonly string[]): Promise<void> {
    if (name === undefined) {
      this.#usage()
      throw new CliError('No command entered')
    }
    const command = findCommand(name)
    if (command === undefined) {
      this.#usage()
      throw new CliError(`Command not found: Command not found ${name}`, 127)
    }
    if (!command.offline && (this.#zk === null || this.#zk.state === 'closed')) {
      this.#output.out('Not connected\n')
      return
    }
    const args = command.verbatim ? new Arguments(rest, new Map()) : parseOptions(rest, command.options ?? {})
    const { length } = args.positional
    if (length < (command.atLeast ?? 0) || length > (command.atMost ?? length)) throw usageError(command)
    if (!command.offline && this.#zk !== null) await this.#connected(this.#zk)
    const running = new AbortController()
    // Commands have many requests under way, each of which ends with it.
    setMaxListeners(0, running.signal)
    this.#running = running
    try {
      await command.run(this.#call(args, running.signal))
    } catch (error) {
      throw running.signal.aborted && error === running.signal.reason ? new CliError('interrupted', 130) : error
    } finally {
      this.#running = null
    }
  }

  #call(args: Call['args'], signal: AbortSignal): Call {
    return {
      shell: this,
      // Commands that work offline do not touch it.
      zk: this.#zk as ZooKeeper,
      args,
      words: args.positional,
      watcher: this.#watcher,
      signal,
      print: (text, value) => this.#output.out(`${this.json ? JSON.stringify(value) : text}\n`),
      warn: (line) => this.#output.err(`${line}\n`),
    }
  }

  async #connected(zk: ZooKeeper, atMostMs = PATIENCE_MS): Promise<void> {
    const { timeoutMs, waitForConnection } = this.#invocation
    try {
      await zk.connected({ timeoutMs: waitForConnection ? timeoutMs : Math.min(timeoutMs, atMostMs) })
    } catch (error) {
      if (!(error instanceof ConnectError)) throw error
      throw new CliError(`KeeperErrorCode = ConnectionLoss: ${error.message}`)
    }
  }

  #usage(): void {
    const list = COMMANDS.map(({ name, usage }) => `\t${name} ${usage}\n`).join('')
    if (!this.json) this.#output.err(`${USAGE}\n${list}`)
  }

  #tellState({ state }: StateChange): void {
    const name = EVENTS[state]
    if (name !== undefined) this.tell('None', null, name)
  }

  /** One for all watches, as in Java: a change that several of them see is told once. */
  readonly #watcher = (event: WatchEvent): void => {
    if (event === this.#told) return
    this.#told = event
    if (event.type !== 'WatchLost') this.tell(event.type, event.path, 'SyncConnected', event.zxid)
  }
}
