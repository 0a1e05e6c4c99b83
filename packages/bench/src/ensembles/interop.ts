// What the interoperability tests have already: ensembles of processes, and a client that waits for replies.
export { DISTURBANCES, disturbed } from '../../../interop/dist/ensembles/disturbances.js'
export { Ensemble, type Member } from '../../../interop/dist/ensembles/ensemble.js'
export { RawClient } from '../../../interop/dist/raw-client.js'
export { APACHE, type ServerKind, VIVARIUM } from '../../../interop/dist/server-process.js'
