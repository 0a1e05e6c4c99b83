import { MultiHeader, OPEN_ACL_UNSAFE, OpCode, Operation, type Writer } from '@vivarium/protocol'
import type { Connection } from './connection.ts'
import { NUMBER, RequestTemplate, writeNumber } from './request-template.ts'

/** All znodes of a load are below this one. */
export const ROOT = '/bench'

const HEADER_BYTES = 16
const STAT_BYTES = 68
const MULTI_HEADER_BYTES = 9
const OPERATIONS_PER_MULTI = 10
const ANY_VERSION = -1
/** One request of a mixed load in so many is a write. */
const READS_PER_WRITE = 10

/** Decides what is asked next. */
export interface RequestSource {
  /** The one or two kinds of request there are. */
  readonly templates: readonly RequestTemplate[]
  /** Adds the next request to a connection; false when there is nothing left to ask for. */
  next(connection: Connection): boolean
  /** From now on there is only what completes something begun. */
  end(): void
}

/** The requests of the loads. Znodes are `/bench/n` or, where a load makes its own, `/bench/c`, and eight digits. */
export class Requests {
  readonly #data: Uint8Array

  /** @param dataBytes how much data a znode has */
  constructor(dataBytes: number) {
    this.#data = new Uint8Array(dataBytes).fill(120)
  }

  createRoot(): RequestTemplate {
    return this.#create(ROOT, new Uint8Array(0))
  }

  create(letter: 'n' | 'c'): RequestTemplate {
    return this.#create(`${ROOT}/${letter}${NUMBER}`, this.#data)
  }

  delete(letter: 'n' | 'c'): RequestTemplate {
    const request = { path: `${ROOT}/${letter}${NUMBER}`, version: ANY_VERSION }
    return new RequestTemplate(OpCode.delete, HEADER_BYTES, (writer) => Operation.delete.request.write(writer, request))
  }

  getData(): RequestTemplate {
    const request = { path: `${ROOT}/n${NUMBER}`, watch: false }
    const replyBytes = HEADER_BYTES + 4 + this.#data.length + STAT_BYTES
    return new RequestTemplate(OpCode.getData, replyBytes, (writer) => Operation.getData.request.write(writer, request))
  }

  setData(): RequestTemplate {
    return new RequestTemplate(OpCode.setData, HEADER_BYTES + STAT_BYTES, (writer) => this.#setData(writer))
  }

  /** Asks for a znode and leaves a watch. */
  existsWatched(): RequestTemplate {
    const request = { path: `${ROOT}/n${NUMBER}`, watch: true }
    return new RequestTemplate(OpCode.exists, HEADER_BYTES + STAT_BYTES, (writer) =>
      Operation.exists.request.write(writer, request),
    )
  }

  multi(): RequestTemplate {
    const replyBytes = HEADER_BYTES + OPERATIONS_PER_MULTI * (MULTI_HEADER_BYTES + STAT_BYTES) + MULTI_HEADER_BYTES
    return new RequestTemplate(OpCode.multi, replyBytes, (writer) => {
      for (let i = 0; i < OPERATIONS_PER_MULTI; i++) {
        MultiHeader.write(writer, { type: OpCode.setData, done: false, err: -1 })
        this.#setData(writer)
      }
      MultiHeader.write(writer, { type: -1, done: true, err: -1 })
    })
  }

  #create(path: string, data: Uint8Array): RequestTemplate {
    const request = { path, data, acl: [...OPEN_ACL_UNSAFE], flags: 0 }
    return new RequestTemplate(OpCode.create, HEADER_BYTES + 4 + path.length, (writer) =>
      Operation.create.request.write(writer, request),
    )
  }

  #setData(writer: Writer): void {
    const request = { path: `${ROOT}/n${NUMBER}`, data: this.#data, version: ANY_VERSION }
    Operation.setData.request.write(writer, request)
  }
}

/** The same request over and over, each about znodes picked at random. */
export class RandomRequests implements RequestSource {
  readonly templates: readonly RequestTemplate[]
  readonly #znodes: number
  #random = 0x2545_f491
  #ended = false

  /** @param templates with a second one, that is one request in ten */
  constructor(templates: readonly RequestTemplate[], znodes: number) {
    this.templates = templates
    this.#znodes = znodes
  }

  next(connection: Connection): boolean {
    if (this.#ended) return false
    const second = this.templates.length > 1 && this.#pick(READS_PER_WRITE) === 0
    const template = this.templates[second ? 1 : 0]!
    const at = connection.add(template)
    const places = template.numbersAt
    for (let i = 0; i < places.length; i++) writeNumber(connection.out, at + places[i]!, this.#pick(this.#znodes))
    return true
  }

  end(): void {
    this.#ended = true
  }

  /** An integer below `limit`: xorshift32, as it need be neither good nor different from run to run, only cheap. */
  #pick(limit: number): number {
    let x = this.#random
    x ^= x << 13
    x ^= x >>> 17
    x ^= x << 5
    this.#random = x
    return (x >>> 0) % limit
  }
}

/** A request about each of the znodes from 0 on, once. */
export class CountedRequests implements RequestSource {
  readonly templates: readonly RequestTemplate[]
  /** How many have been asked for. */
  issued = 0
  #count: number

  constructor(template: RequestTemplate, count = Number.POSITIVE_INFINITY) {
    this.templates = [template]
    this.#count = count
  }

  next(connection: Connection): boolean {
    if (this.issued >= this.#count) return false
    const template = this.templates[0]!
    const at = connection.add(template)
    const places = template.numbersAt
    for (let i = 0; i < places.length; i++) writeNumber(connection.out, at + places[i]!, this.issued)
    this.issued++
    return true
  }

  end(): void {
    this.#count = this.issued
  }
}

/** Creates a znode and then deletes it; never two of one name. A connection that has to delete knows what by its note. */
export class CreateDeleteRequests implements RequestSource {
  readonly templates: readonly RequestTemplate[]
  #created = 0
  #ended = false

  constructor(create: RequestTemplate, remove: RequestTemplate) {
    this.templates = [create, remove]
  }

  next(connection: Connection): boolean {
    const creates = connection.note === -1
    if (creates && this.#ended) return false
    if (creates) connection.note = this.#created++
    const template = this.templates[creates ? 0 : 1]!
    const at = connection.add(template)
    writeNumber(connection.out, at + template.numbersAt[0]!, connection.note)
    if (!creates) connection.note = -1
    return true
  }

  end(): void {
    this.#ended = true
  }
}
