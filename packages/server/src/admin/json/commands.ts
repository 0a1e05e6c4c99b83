import { NOT_SERVING } from '../command.ts'
import type { AdminView } from '../view.ts'
import { type AdminAnswer, type AdminCommand, answerJson } from './command.ts'
import type { Json } from './json.ts'
import { memberCommands } from './member-commands.ts'
import { serverCommands } from './server-commands.ts'
import { sessionCommands } from './session-commands.ts'
import { snapshotCommands } from './snapshot-commands.ts'

/** What has come to the admin server. */
export interface CommandRequest {
  readonly name: string
  readonly method: 'GET' | 'POST'
  readonly parameters: ReadonlyMap<string, string>
  /** What follows the head of the request; null: nothing. */
  readonly body: AsyncIterable<Uint8Array> | null
  /** The header `Authorization`: a scheme and, for most, what it takes; null without one. */
  readonly authorization: string | null
  /** Of who asks, without a port. */
  readonly address: string
  /** That it has shown, and that was verified (DER); null without one. */
  readonly certificate: Uint8Array | null
}

/** What goes back. */
export interface CommandResponse extends Required<Pick<AdminAnswer, 'status' | 'headers'>> {
  /** Instead of `json`, if it is not null: the path of the file whose bytes are the answer. */
  readonly file: string | null
  readonly json: Json
}

/** The commands of the admin server of one server (Commands). */
export class AdminCommands {
  /** Their own names, sorted. */
  readonly names: readonly string[]
  readonly all: readonly AdminCommand[]
  readonly #commands = new Map<string, AdminCommand>()
  readonly #view: AdminView

  constructor(view: AdminView) {
    this.#view = view
    this.all = [...serverCommands, ...sessionCommands, ...memberCommands, ...snapshotCommands()]
    for (const command of this.all) for (const name of command.names) this.#commands.set(name, command)
    this.names = this.all.map(({ names }) => names[0]).sort()
  }

  /** Carries out a command. What can go wrong is in the answer, as Java words it. */
  async run(request: CommandRequest): Promise<CommandResponse> {
    const command = this.#commands.get(request.name)
    const refusal = command === undefined ? unknown(request.name) : this.#refusal(command, request)
    // What is refused before it is carried out is called what it was asked as.
    if (command === undefined || refusal !== null) return response(request.name, refusal ?? {})
    return response(command.names[0], await command.run(this.#view, request))
  }

  #refusal(command: AdminCommand, request: CommandRequest): AdminAnswer | null {
    if (!command.always && !this.#view.serving) return { error: NOT_SERVING }
    const unauthorized = command.restricted ? this.#unauthorized(request) : null
    if (unauthorized !== null || command.method === request.method) return unauthorized
    return { status: 405, error: `${command.method} is the method for this` }
  }

  /** Who asks must be granted each permission on the znode `/`. */
  #unauthorized({ authorization, address, certificate }: CommandRequest): AdminAnswer | null {
    if (authorization === null) return { status: 401, error: 'Auth info is missing for the command' }
    const [scheme = '', credentials = null, ...more] = authorization.replace(/ +$/, '').split(' ')
    const grant =
      more.length > 0 ? 'unauthenticated' : this.#view.authorize(scheme, credentials, { address, certificate })
    if (grant === 'unauthenticated') return { status: 401, error: 'Not authenticated' }
    return grant === 'unauthorized' ? { status: 403, error: 'Not authorized' } : null
  }
}

const unknown = (name: string): AdminAnswer => ({ error: `Unknown command: ${name}` })

function response(name: string, answer: AdminAnswer): CommandResponse {
  const { status = 200, headers = {}, file = null } = answer
  return { status, headers, file, json: answerJson(name, answer) }
}
