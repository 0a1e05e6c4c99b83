export { CHECKERS, type Checker, type Violation } from './checkers/index.ts'
export { FAULTS, type Fault } from './faults/index.ts'
export { runSeed, type SeedOptions, type SeedResult } from './run/run-seed.ts'
