import {
  ACL,
  type CreateMode,
  CreateRequest,
  CreateTTLRequest,
  OpCode,
  type OperationName,
  type Reader,
  Stat,
  WhoAmIResponse,
  type Writer,
  type Zxid,
} from '@vivarium/protocol'
import type { Chroot } from '../chroot.ts'
import type { Call } from './request.ts'
import type { AccessControl, Children, Created, Data, Identity } from './results.ts'

/*
 * One value for each operation: how its request is written and its reply is read. They take a request's fields one by
 * one, since a record would have to be made for each request first.
 */

interface CallOf<B, R> {
  readonly write: (writer: Writer, path: string, body: B, watch: boolean) => void
  readonly read: (reader: Reader, chroot: Chroot) => R
}

function call<B, R>(name: OperationName, isRead: boolean, { write, read }: CallOf<B, R>): Call<B, R> {
  return { name, opcode: OpCode[name], isRead, absentIsNull: false, write, read }
}

const nothing = (): void => {}

export const readData = (reader: Reader): Data => {
  const data = reader.copiedBuffer() as Buffer | null
  return { data: data ?? Buffer.alloc(0), stat: Stat.read(reader), isNull: data === null }
}

export const readText = (reader: Reader): string => reader.text()
export const readNames = (reader: Reader): string[] => reader.vector(readText) ?? []
const readStat = (reader: Reader): Stat => Stat.read(reader)
export const readCreated = (reader: Reader, chroot: Chroot): Created => ({
  path: chroot.toClient(reader.text()),
  stat: Stat.read(reader),
})

const writePath = (writer: Writer, path: string): void => writer.text(path)
const writePathAndWatch = (writer: Writer, path: string, _body: unknown, watch: boolean): void => {
  writer.text(path)
  writer.bool(watch)
}

/** What a create asks for, checked. */
export interface CreateBody {
  readonly data: Uint8Array | null
  readonly acl: readonly ACL[]
  readonly mode: CreateMode
  readonly ttlMs: number
}

const writeCreate = (writer: Writer, path: string, { data, acl, mode }: CreateBody): void =>
  CreateRequest.write(writer, { path, data, acl, flags: mode.flags })
const writeCreateTTL = (writer: Writer, path: string, { data, acl, mode, ttlMs }: CreateBody): void =>
  CreateTTLRequest.write(writer, { path, data, acl, flags: mode.flags, ttl: ttlMs })

const create2 = call<CreateBody, Created>('create2', false, { write: writeCreate, read: readCreated })
const createContainer = call<CreateBody, Created>('createContainer', false, { write: writeCreate, read: readCreated })
const createTTL = call<CreateBody, Created>('createTTL', false, { write: writeCreateTTL, read: readCreated })

/** The operation that creates znodes of this mode. */
export function createCall(mode: CreateMode): Call<CreateBody, Created> {
  return mode.isContainer ? createContainer : mode.isTTL ? createTTL : create2
}

export const deleteCall = call<number, void>('delete', false, {
  write(writer, path, version) {
    writer.text(path)
    writer.int(version)
  },
  read: nothing,
})

export const existsCall: Call<null, Stat | null> = {
  ...call<null, Stat>('exists', true, { write: writePathAndWatch, read: readStat }),
  absentIsNull: true,
}

export const getDataCall = call<null, Data>('getData', true, { write: writePathAndWatch, read: readData })

export interface SetDataBody {
  readonly data: Uint8Array | null
  readonly version: number
}

export const setDataCall = call<SetDataBody, Stat>('setData', false, {
  write(writer, path, { data, version }) {
    writer.text(path)
    writer.buffer(data)
    writer.int(version)
  },
  read: readStat,
})

export const getACLCall = call<null, AccessControl>('getACL', true, {
  write: writePath,
  read: (reader) => ({ acl: reader.vector(ACL.read) ?? [], stat: Stat.read(reader) }),
})

export interface SetACLBody {
  readonly acl: readonly ACL[]
  readonly version: number
}

export const setACLCall = call<SetACLBody, Stat>('setACL', false, {
  write(writer, path, { acl, version }) {
    writer.text(path)
    writer.vector(acl, ACL.write)
    writer.int(version)
  },
  read: readStat,
})

export const getChildrenCall = call<null, string[]>('getChildren', true, {
  write: writePathAndWatch,
  read: readNames,
})

export const getChildren2Call = call<null, Children>('getChildren2', true, {
  write: writePathAndWatch,
  read: (reader) => ({ children: readNames(reader), stat: Stat.read(reader) }),
})

export const getAllChildrenNumberCall = call<null, number>('getAllChildrenNumber', true, {
  write: writePath,
  read: (reader) => reader.int(),
})

export const getEphemeralsCall = call<null, string[]>('getEphemerals', true, {
  write: writePath,
  read: (reader, chroot) => readNames(reader).map((path) => chroot.toClient(path)),
})

export const syncCall = call<null, void>('sync', true, { write: writePath, read: nothing })

export const addWatchCall = call<number, void>('addWatch', true, {
  write(writer, path, mode) {
    writer.text(path)
    writer.int(mode)
  },
  read: nothing,
})

const writePathAndType = (writer: Writer, path: string, type: number): void => {
  writer.text(path)
  writer.int(type)
}
export const checkWatchesCall = call<number, void>('checkWatches', true, { write: writePathAndType, read: nothing })
export const removeWatchesCall = call<number, void>('removeWatches', true, { write: writePathAndType, read: nothing })

export const whoAmICall = call<null, Identity[]>('whoAmI', true, {
  write: nothing,
  read: (reader) =>
    (WhoAmIResponse.read(reader).clientInfo ?? []).map(({ authScheme, user }) => ({
      scheme: authScheme ?? '',
      user: user ?? '',
    })),
})

export interface ReconfigBody {
  readonly joining: string | null
  readonly leaving: string | null
  readonly members: string | null
  readonly fromConfig: Zxid
}

export const reconfigCall = call<ReconfigBody, Data>('reconfig', false, {
  write(writer, _path, { joining, leaving, members, fromConfig }) {
    writer.string(joining)
    writer.string(leaving)
    writer.string(members)
    writer.zxid(fromConfig)
  },
  read: readData,
})

export const closeSessionCall = call<null, void>('closeSession', false, { write: nothing, read: nothing })
