/** The jute module org.apache.zookeeper.server.persistence. */
import { int, long } from '../jute/field-types.ts'
import { type RecordOf, record } from '../jute/record.ts'

/** The first 16 bytes of a transaction log or a snapshot. Only the magic number is checked when reading. */
export const FileHeader = record({ magic: int, version: int, dbid: long })
export type FileHeader = RecordOf<typeof FileHeader>
