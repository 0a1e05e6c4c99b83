/** A server of the lab. */
export interface LabServer {
  readonly sid: number
  /** Where clients reach it. */
  readonly host: string
  readonly port: number
  /** With its data, and `server.log`. */
  readonly directory: string
}

/** Undoes something. */
export type Undo = () => void | Promise<void>

/** Three servers in processes of their own, and all that can be done to them. */
export interface Lab {
  /** What it is, for the report. */
  readonly name: string
  readonly servers: readonly LabServer[]
  isRunning(sid: number): boolean
  start(sid: number): Promise<void>
  /** As `kill -9` does. */
  kill(sid: number): Promise<void>
  /** As an administrator does. */
  stop(sid: number): Promise<void>
  /** It stands still. */
  pause(sid: number): Undo
  /** Nothing comes to it or from it, and nobody is told. */
  unplug(sid: number): Undo
  /** Nothing comes from one server to another. */
  silence(from: number, to: number): Undo
  /** Its disk is full; null where that cannot be. */
  fill(sid: number): Undo | null
  close(): Promise<void>
}

export const SIZE = 3
export const SUPER = 'super:secret'
/** Of every member: small files, so that many are begun and a small disk is enough. */
export const CONFIG = {
  tickTime: '1000',
  initLimit: '10',
  syncLimit: '3',
  preAllocSize: '512',
  snapCount: '2000',
  maxClientCnxns: '0',
  'admin.enableServer': 'false',
  '4lw.commands.whitelist': '*',
} as const
