// What the interoperability tests have already: packages of others, installed once, and kinds of servers.
export { cached, run } from '../../../interop/dist/install.js'
export { APACHE, type ServerKind, VIVARIUM } from '../../../interop/dist/server-process.js'
