// What the interoperability tests have already: a browser, servers and ensembles of processes, and a client that waits for replies.
export { startBrowser } from '../../../interop/dist/console/browser.js'
export { Ensemble } from '../../../interop/dist/ensembles/ensemble.js'
export { RawClient } from '../../../interop/dist/raw-client.js'
export { freePort, ServerProcess, VIVARIUM } from '../../../interop/dist/server-process.js'
