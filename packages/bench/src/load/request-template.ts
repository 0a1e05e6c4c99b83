import { type OpCode, Writer } from '@vivarium/protocol'

/** Digits of the numbers in paths. */
export const NUMBER_DIGITS = 8

/** Stands in a template's paths where the number goes. */
export const NUMBER = '#'.repeat(NUMBER_DIGITS)

const XID_AT = 4

/** The bytes of one kind of request, with its length in front, in which only the xid and the numbers change. */
export class RequestTemplate {
  readonly bytes: Buffer
  /** Where the numbers stand. */
  readonly numbersAt: readonly number[]
  /** How long a reply is that says all went well: its header and body, without the length in front. */
  readonly replyBytes: number

  /** @param body writes what follows the request's header */
  constructor(opcode: (typeof OpCode)[keyof typeof OpCode], replyBytes: number, body: (writer: Writer) => void) {
    const writer = new Writer()
    writer.int(0)
    writer.int(0)
    writer.int(opcode)
    body(writer)
    this.bytes = Buffer.from(writer.finish())
    this.bytes.writeInt32BE(this.bytes.length - 4)
    this.replyBytes = replyBytes
    const numbersAt: number[] = []
    for (let at = this.bytes.indexOf(NUMBER); at !== -1; at = this.bytes.indexOf(NUMBER, at + 1)) numbersAt.push(at)
    this.numbersAt = numbersAt
  }

  /** Puts the request at `at`, its numbers still to be written, and returns where it ends. */
  writeTo(target: Buffer, at: number, xid: number): number {
    target.set(this.bytes, at)
    target.writeInt32BE(xid, at + XID_AT)
    return at + this.bytes.length
  }
}

/** Writes a number as eight decimal digits. */
export function writeNumber(target: Uint8Array, at: number, number: number): void {
  for (let place = at + NUMBER_DIGITS - 1; place >= at; place--) {
    const rest = (number / 10) | 0
    target[place] = 48 + number - rest * 10
    number = rest
  }
}
