import type { AdminView } from '../view.ts'
import { Entries, type Json, type JsonObject } from './json.ts'

/** What a command of the admin server is asked with. */
export interface AdminRequest {
  /** The parameters of the address; of those given several times the first. */
  readonly parameters: ReadonlyMap<string, string>
  /** What follows the head of the request; null: nothing. */
  readonly body: AsyncIterable<Uint8Array> | null
}

/** What it is answered with. */
export interface AdminAnswer {
  /** The HTTP status; 200 if it is left out. */
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  readonly data?: JsonObject | Entries
  readonly error?: string | null
  /** The path of a file that is answered with instead. */
  readonly file?: string
}

/** One command of the admin server (Command). */
export interface AdminCommand {
  /** The first is the one that it calls itself. */
  readonly names: readonly [string, ...string[]]
  readonly method: 'GET' | 'POST'
  /** Whether it is answered before the server serves, too. */
  readonly always: boolean
  /** Whether who asks must be granted everything on the znode `/`. */
  readonly restricted: boolean
  run(view: AdminView, request: AdminRequest): AdminAnswer | Promise<AdminAnswer>
}

/** A command that is answered with `data`, to anybody. */
export const query = (
  names: AdminCommand['names'],
  data: (view: AdminView) => JsonObject | Entries | Promise<JsonObject | Entries>,
  options: { readonly always?: boolean } = {},
): AdminCommand => ({
  names,
  method: 'GET',
  always: options.always ?? false,
  restricted: false,
  run: async (view) => ({ data: await data(view) }),
})

/** The JSON of an answer: its data, then the name of the command, then what went wrong (CommandResponse.toMap). */
export function answerJson(name: string, { data = {}, error = null }: AdminAnswer): Json {
  const own = data instanceof Entries ? data.each : Object.entries(data)
  return new Entries(
    (function* () {
      yield* own
      yield ['command', name]
      yield ['error', error]
    })(),
  )
}
