/** One event of a stream (`text/event-stream`). */
export interface ServerSentEvent {
  readonly type: string
  readonly data: string
  /** The last id that the stream had given when this event came; empty before the first. */
  readonly id: string
}

/** An event that does not end is not gathered for ever. */
const MOST_CHARACTERS = 1 << 20

/**
 * Takes a stream of server-sent events apart, in whatever pieces it comes: EventSource does it too, but cannot say who asks.
 * Bad lines are passed over, as the standard has it.
 */
export class SseParser {
  #rest = ''
  #type = ''
  #data: string[] = []
  #characters = 0
  #id = ''

  /** What `text` makes whole. */
  push(text: string): ServerSentEvent[] {
    const events: ServerSentEvent[] = []
    const lines = (this.#rest + text).split(/\r\n|\n|\r(?!$)/)
    this.#rest = lines.pop() ?? ''
    if (this.#rest.length > MOST_CHARACTERS) this.#rest = ''
    for (const line of lines) {
      if (line !== '') this.#field(line)
      else {
        if (this.#data.length > 0) {
          events.push({ type: this.#type || 'message', data: this.#data.join('\n'), id: this.#id })
        }
        this.#type = ''
        this.#data = []
        this.#characters = 0
      }
    }
    return events
  }

  #field(line: string): void {
    const colon = line.indexOf(':')
    const name = colon < 0 ? line : line.slice(0, colon)
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '')
    if (name === 'event') this.#type = value
    else if (name === 'id' && !value.includes('\0')) this.#id = value
    else if (name === 'data' && this.#characters + value.length <= MOST_CHARACTERS) {
      this.#data.push(value)
      this.#characters += value.length
    }
  }
}
