import { call, get } from './http.ts'
import type { Acl, AclEntry, ChildrenPage, Data, Stat, Znode } from './types.ts'

interface Written {
  readonly path: string
  readonly stat: Stat
}

export interface Creation extends Data {
  readonly path: string
  readonly mode: string
  readonly ttlMs?: number
  readonly parents: boolean
}

const ZNODE = 'api/v1/znode'

export const readZnode = (path: string, signal?: AbortSignal): Promise<Znode> => get(ZNODE, { path }, signal)

export const readAcl = (path: string, signal?: AbortSignal): Promise<Acl> => get('api/v1/acl', { path }, signal)

export interface PageOptions {
  /** Begin after this name. */
  readonly after?: string | undefined
  /** Begin with the child that stands there, from 0. */
  readonly at?: number
  readonly limit: number
  readonly stat: boolean
}

/** One page of the children of a znode, in the order of their names. */
export const readChildren = (path: string, options: PageOptions, signal?: AbortSignal): Promise<ChildrenPage> =>
  get('api/v1/children', { path, ...options }, signal)

export const writeData = (path: string, { data, encoding }: Data, version: number): Promise<Written> =>
  call('PUT', ZNODE, { query: { path }, body: { data, encoding, version } })

export const writeAcl = (path: string, acl: readonly AclEntry[], version: number): Promise<Written> =>
  call('PUT', 'api/v1/acl', { query: { path }, body: { acl, version } })

export const createZnode = ({ path, ...body }: Creation): Promise<Written> =>
  call('POST', ZNODE, { query: { path }, body })

/** Deletes a znode as it was read, or with all that is below it; says how many are gone. */
export const deleteZnode = (
  path: string,
  options: { readonly version: number } | { readonly recursive: true },
): Promise<{ readonly deleted: number }> => call('DELETE', ZNODE, { query: { path, ...options } })
