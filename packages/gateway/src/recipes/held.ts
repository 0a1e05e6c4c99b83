import type { Zxid } from '@vivarium/client'

/** Something that a caller holds, or stands for, as long as its session lives. */
export interface Held {
  readonly kind: 'lock' | 'candidate' | 'member' | 'instance'
  /** Of what it is: the folder. */
  readonly path: string
  /** Its znode; null while there is none. */
  readonly node: string | null
  /** Whether it is surely held at this moment: the lock, the leadership, the place. */
  readonly isHeld: boolean
  /** Grows from holder to holder; null where it is not held, or nobody else could. */
  readonly token: Zxid | null
  /** Waits until it is held, but no longer than that. */
  wait?(timeoutMs: number, signal: AbortSignal): Promise<void>
  release(): Promise<void>
}
