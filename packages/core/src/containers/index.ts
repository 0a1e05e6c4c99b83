export { type SweepCandidate, sweepCandidates } from './container-sweep.ts'
