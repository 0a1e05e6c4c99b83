/** Told of an answer: what is wrong with it, or null, and the data, where data was asked for. */
export type Done = (error: Error | null, data: Uint8Array | null) => void

/** One session of a client that is measured, as its users know it: by promises, or by callbacks. */
export interface Subject {
  get(path: string, done: Done): void
  set(path: string, data: Buffer, done: Done): void
  close(): void
}

export const SUBJECTS = ['vivarium', 'node-zookeeper-client', 'zookeeper'] as const
export type SubjectName = (typeof SUBJECTS)[number]
