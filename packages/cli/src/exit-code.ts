/** How the process ends (the exit codes of ZooKeeper's ExitCode that can come up here). */
export const ExitCode = {
  OK: 0,
  UNEXPECTED: 1,
  /** What was asked for on the command line or in the configuration cannot be. */
  INVALID: 2,
  /** Ended by a second signal, while it was still closing: 128 and the signal's number, as shells count. */
  FORCED: { SIGINT: 130, SIGTERM: 143 },
} as const
