import { badLinks } from './bad-links.ts'
import { bitRot } from './bit-rot.ts'
import { cleanStop } from './clean-stop.ts'
import { clientPause } from './client-pause.ts'
import { connectionCuts } from './connection-cuts.ts'
import { crash } from './crash.ts'
import { crashInRecovery } from './crash-in-recovery.ts'
import { diskError } from './disk-error.ts'
import type { Fault } from './fault.ts'
import { fullDisk } from './full-disk.ts'
import { lostData } from './lost-data.ts'
import { partition } from './partition.ts'
import { processPause } from './process-pause.ts'
import { serverPartition } from './server-partition.ts'
import { sitePower } from './site-power.ts'
import { slowDisk } from './slow-disk.ts'
import { slowReader } from './slow-reader.ts'
import { tornWrite } from './torn-write.ts'
import { wallClockJump } from './wall-clock-jump.ts'
import { writeInCache } from './write-in-cache.ts'

export type { Fault } from './fault.ts'

export const FAULTS: readonly Fault[] = [
  crash,
  tornWrite,
  crashInRecovery,
  diskError,
  fullDisk,
  slowDisk,
  connectionCuts,
  partition,
  clientPause,
  slowReader,
  wallClockJump,
  processPause,
  cleanStop,
  writeInCache,
]

/** Of ensembles alone. */
export const ENSEMBLE_FAULTS: readonly Fault[] = [serverPartition, serverPartition, badLinks, sitePower, lostData]

/** Ends most runs in which it happens early, and so has a small share of them. */
export const RARE_FAULTS: readonly Fault[] = [bitRot]
