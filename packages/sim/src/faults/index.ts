import { badLinks } from './bad-links.ts'
import { bitRot } from './bit-rot.ts'
import { cleanStop } from './clean-stop.ts'
import { clientPause } from './client-pause.ts'
import { connectionCuts } from './connection-cuts.ts'
import { crash } from './crash.ts'
import { crashInRecovery } from './crash-in-recovery.ts'
import { deposedLeader } from './deposed-leader.ts'
import { diskError } from './disk-error.ts'
import { farewellsInSnapshot } from './farewells-in-snapshot.ts'
import type { Fault } from './fault.ts'
import { fullDisk } from './full-disk.ts'
import { lateFarewell } from './late-farewell.ts'
import { lostData } from './lost-data.ts'
import { lyingDisk } from './lying-disk.ts'
import { misplacedSector } from './misplaced-sector.ts'
import { networkDown } from './network-down.ts'
import { restartWithOtherConfig } from './other-config.ts'
import { partition } from './partition.ts'
import { processPause } from './process-pause.ts'
import { serverPartition } from './server-partition.ts'
import { sitePower } from './site-power.ts'
import { slowDisk } from './slow-disk.ts'
import { slowReader } from './slow-reader.ts'
import { snapshotOfTail } from './snapshot-of-tail.ts'
import { snapshotOnDemand } from './snapshot-on-demand.ts'
import { tornWrite } from './torn-write.ts'
import { turnOfHistory } from './turn-of-history.ts'
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
  restartWithOtherConfig,
  snapshotOnDemand,
  farewellsInSnapshot,
]

/** Of ensembles alone. */
export const ENSEMBLE_FAULTS: readonly Fault[] = [
  serverPartition,
  serverPartition,
  badLinks,
  sitePower,
  lostData,
  lyingDisk,
  bitRot,
  misplacedSector,
  deposedLeader,
  turnOfHistory,
  networkDown,
  lateFarewell,
  snapshotOfTail,
]

/** Of servers that stand alone: they end most runs in which they happen early, and so have a small share of them. */
export const RARE_FAULTS: readonly Fault[] = [bitRot, misplacedSector]

export const ALL_FAULTS: readonly Fault[] = [...new Set([...FAULTS, ...ENSEMBLE_FAULTS, ...RARE_FAULTS])]
