// What the interoperability tests have already: Apache's jars, fetched with Maven, and a client that waits for replies.
export { APACHE_VERSION, apacheClassPath } from '../../../interop/dist/apache.js'
export { RawClient } from '../../../interop/dist/raw-client.js'
export { freePort } from '../../../interop/dist/server-process.js'
