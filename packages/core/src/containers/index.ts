export { sweepCandidates } from './container-sweep.ts'
