import { type Static, type TSchema, Type } from 'typebox'

/** Longer paths are refused: each character may take nine in the head of a request. */
const MOST_PATH_CHARACTERS = 4096
/** A znode has a mebibyte at most, which in base 64 is a third more. */
const MOST_DATA_CHARACTERS = 1_500_000

export const Path = Type.String({
  minLength: 1,
  maxLength: MOST_PATH_CHARACTERS,
  pattern: '^/([^/]+(/[^/]+)*)?$',
  description: 'A path of a znode: `/a/b`.',
})

export const CreationPath = Type.String({
  minLength: 1,
  maxLength: MOST_PATH_CHARACTERS,
  pattern: '^/([^/]+/)*([^/]+)?$',
  description: 'A path of a znode: `/a/b`. That of a sequential one may end with a slash, since a number follows.',
})

/** In answers: what there is may be longer than what is asked for. */
export const FoundPath = Type.String({ pattern: '^/', description: 'A path of a znode.' })

export const Version = Type.Integer({
  minimum: -1,
  maximum: 2 ** 31 - 1,
  description: 'Only if the znode has this version; −1: whatever it has.',
})

export const Zxid = Type.String({ pattern: '^0x[0-9a-f]{1,16}$', description: 'A transaction: `0x10000002a`.' })

export const SessionId = Type.String({ pattern: '^0x[0-9a-f]{1,16}$', description: 'A session of ZooKeeper.' })

export const Encoding = Type.Enum(['utf8', 'base64'], { description: 'How bytes are written as text.' })

export const DataText = Type.Union([Type.String({ maxLength: MOST_DATA_CHARACTERS }), Type.Null()], {
  description: 'Data as text; null: none at all, which is not the same as empty.',
})

export const FoundData = Type.Union([Type.String(), Type.Null()], {
  description: 'Data as text; null: none at all, which is not the same as empty.',
})

const int = (description: string): TSchema => Type.Integer({ description })

export const Stat = Type.Object(
  {
    czxid: Zxid,
    mzxid: Zxid,
    pzxid: Zxid,
    ctime: Type.Integer({ description: 'When it was created, in milliseconds since 1970.' }),
    mtime: Type.Integer({ description: 'When its data was last set, in milliseconds since 1970.' }),
    version: Type.Integer({ description: 'How often its data was set.' }),
    cversion: Type.Integer({ description: 'How often its children changed.' }),
    aversion: Type.Integer({ description: 'How often its access control list was set.' }),
    ephemeralOwner: Type.String({ description: 'The session it belongs to; `0x0`: none.' }),
    dataLength: Type.Integer({ description: 'Bytes of its data.' }),
    numChildren: Type.Integer(),
  },
  { $id: 'Stat', additionalProperties: false },
)

export const AclEntry = Type.Object(
  {
    perms: Type.String({ pattern: '^[cdrwa]{0,5}$', description: 'Create, delete, read, write, admin: `cdrwa`.' }),
    scheme: Type.String({ minLength: 1, maxLength: 64 }),
    id: Type.String({ maxLength: 1024 }),
  },
  { additionalProperties: false },
)

export const Acl = Type.Array(AclEntry, { minItems: 1, maxItems: 100 })

export const Identity = Type.Object(
  { scheme: Type.String(), id: Type.String({ description: 'The user, without a password.' }) },
  { additionalProperties: false },
)

export const ProblemSchema = Type.Object(
  {
    type: Type.String(),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.String(),
    code: Type.String({ description: "ZooKeeper's name of the error (`NoNode`), or one of the gateway." }),
    path: Type.Optional(Type.String()),
    index: Type.Optional(int('Which operation of a multi failed.')),
    results: Type.Optional(Type.Array(Type.String(), { description: 'What became of each operation of a multi.' })),
    maybeApplied: Type.Optional(Type.Boolean({ description: 'Whether the tree may have changed all the same.' })),
  },
  { $id: 'Problem', additionalProperties: false },
)

export const StatRef = Type.Unsafe<Static<typeof Stat>>({ $ref: 'Stat#' })

export const ProblemRef = Type.Unsafe<Static<typeof ProblemSchema>>({ $ref: 'Problem#' })

/** Those that are described once. */
export const NAMED_SCHEMAS: readonly TSchema[] = [Stat, ProblemSchema]
