// What the interoperability tests have already: servers and ensembles of processes, and a client that waits for replies.
export { Ensemble } from '../../../interop/dist/ensembles/ensemble.js'
export { RawClient } from '../../../interop/dist/raw-client.js'
export { ServerProcess, VIVARIUM } from '../../../interop/dist/server-process.js'
