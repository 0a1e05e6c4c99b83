import { type ServerKind, VIVARIUM } from './processes/server-kind.ts'

export interface StartOptions {
  /** `apache()` for Apache's servers. Default: ours. */
  readonly kind?: ServerKind | undefined
  /**
   * Whether each server has a process of its own, which can be killed and paused. Default: only where it has to, as
   * Apache's do; ours start in this process, in milliseconds.
   */
  readonly separate?: boolean | undefined
  /** Lines of zoo.cfg on top of the kit's. */
  readonly config?: Readonly<Record<string, string>> | undefined
  /** What Apache takes only as system properties (`jute.maxbuffer`), by their full names; ours has it in zoo.cfg. */
  readonly system?: Readonly<Record<string, string>> | undefined
}

/** Null: in this process. */
export function kindOf({ kind = VIVARIUM, separate = false }: StartOptions): ServerKind | null {
  return kind === VIVARIUM && !separate ? null : kind
}

/**
 * What suits tests: short ticks, so that sessions may be as short as a second and failures are soon noticed; and no sync of
 * data that goes away with the test, which a killed process does not need.
 */
export const TEST_CONFIG: Readonly<Record<string, string>> = {
  tickTime: '500',
  maxSessionTimeout: '60000',
  forceSync: 'no',
  preAllocSize: '64',
  reconfigEnabled: 'false',
}
