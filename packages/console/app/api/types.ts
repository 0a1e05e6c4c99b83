/** A znode's stat as the API tells it: zxids and session ids in hex, times in milliseconds. */
export interface Stat {
  readonly czxid: string
  readonly mzxid: string
  readonly pzxid: string
  readonly ctime: number
  readonly mtime: number
  readonly version: number
  readonly cversion: number
  readonly aversion: number
  readonly ephemeralOwner: string
  readonly dataLength: number
  readonly numChildren: number
}

export type Encoding = 'utf8' | 'base64'

/** Data as it goes over HTTP: null where a znode has none. */
export interface Data {
  readonly data: string | null
  readonly encoding: Encoding
}

export interface Znode extends Data {
  readonly path: string
  readonly stat: Stat
}

export interface Child {
  readonly name: string
  readonly stat?: Stat
  /** Its ACL keeps the stat from who asks. */
  readonly unreadable?: true
}

export interface ChildrenPage {
  readonly path: string
  readonly stat: Stat
  readonly total: number
  /** Where the first of them stands among all, from 0. */
  readonly from: number
  readonly children: readonly Child[]
  /** There are other children by now, which will be told later. */
  readonly outdated?: true
  /** Where there are more: what to ask for them with. */
  readonly next?: string
}

export interface Identity {
  readonly scheme: string
  readonly id: string
}

export interface AclEntry extends Identity {
  /** Of `cdrwa`. */
  readonly perms: string
}

export interface Acl {
  readonly path: string
  readonly acl: readonly AclEntry[]
  readonly stat: Stat
}

export interface Status {
  readonly state: string
  readonly servers: string | readonly string[]
  readonly session: string | null
  readonly readOnly: boolean
  readonly writable: boolean
  readonly identity: readonly Identity[]
  readonly gateway: { readonly version: string }
  readonly server: { readonly address: string } | null
  /** Where the admin server's commands are, below the same origin; null where the gateway is not in a server's process. */
  readonly adminUrl: string | null
}

/** What the event stream says of a znode. */
export interface ZnodeEvent {
  readonly type: 'created' | 'changed' | 'deleted' | 'children'
  readonly path: string
  readonly zxid: string
}
