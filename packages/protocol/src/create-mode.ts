/**
 * What kind of znode a create asks for (CreateMode). There is one object for each flag: compare with `===`.
 *
 * @example
 * CreateMode.fromFlags(request.flags)?.isSequential
 */
export class CreateMode {
  static readonly PERSISTENT = new CreateMode('PERSISTENT', 0)
  static readonly EPHEMERAL = new CreateMode('EPHEMERAL', 1)
  static readonly PERSISTENT_SEQUENTIAL = new CreateMode('PERSISTENT_SEQUENTIAL', 2)
  static readonly EPHEMERAL_SEQUENTIAL = new CreateMode('EPHEMERAL_SEQUENTIAL', 3)
  static readonly CONTAINER = new CreateMode('CONTAINER', 4)
  static readonly PERSISTENT_WITH_TTL = new CreateMode('PERSISTENT_WITH_TTL', 5)
  static readonly PERSISTENT_SEQUENTIAL_WITH_TTL = new CreateMode('PERSISTENT_SEQUENTIAL_WITH_TTL', 6)

  static readonly #byFlags: readonly CreateMode[] = [
    CreateMode.PERSISTENT,
    CreateMode.EPHEMERAL,
    CreateMode.PERSISTENT_SEQUENTIAL,
    CreateMode.EPHEMERAL_SEQUENTIAL,
    CreateMode.CONTAINER,
    CreateMode.PERSISTENT_WITH_TTL,
    CreateMode.PERSISTENT_SEQUENTIAL_WITH_TTL,
  ]

  readonly name: CreateModeName
  readonly flags: number
  readonly isEphemeral: boolean
  readonly isSequential: boolean
  readonly isContainer: boolean
  readonly isTTL: boolean

  private constructor(name: CreateModeName, flags: number) {
    this.name = name
    this.flags = flags
    this.isEphemeral = name.startsWith('EPHEMERAL')
    this.isSequential = name.includes('SEQUENTIAL')
    this.isContainer = name === 'CONTAINER'
    this.isTTL = name.endsWith('TTL')
  }

  /** The mode with these flags; undefined if there is none. */
  static fromFlags(flags: number): CreateMode | undefined {
    return CreateMode.#byFlags[flags]
  }
}

export type CreateModeName =
  | 'PERSISTENT'
  | 'EPHEMERAL'
  | 'PERSISTENT_SEQUENTIAL'
  | 'EPHEMERAL_SEQUENTIAL'
  | 'CONTAINER'
  | 'PERSISTENT_WITH_TTL'
  | 'PERSISTENT_SEQUENTIAL_WITH_TTL'
