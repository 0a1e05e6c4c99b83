/**
 * What the simulator takes from the server beyond its public exports: the parts that it runs in place of threads, and
 * those that mutants break.
 */
export { EpochAgreement } from '../../../core/dist/zab/epoch-agreement.js'
export { LearnerLink } from '../../../core/dist/zab/learner-link.js'
export { LearnerLog } from '../../../core/dist/zab/learner-log.js'
export { Proposals } from '../../../core/dist/zab/proposals.js'
export { Connection } from '../../../server/dist/clients/connection.js'
export { EpochFiles } from '../../../server/dist/quorum/epoch-files.js'
export { Membership } from '../../../server/dist/quorum/membership.js'
export { ServerData } from '../../../server/dist/serving/server-data.js'
export { adler32 } from '../../../server/dist/storage/adler32.js'
export { InlineSnapshotRunner, type SnapshotRunner } from '../../../server/dist/storage/index.js'
