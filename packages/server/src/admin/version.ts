/** The version of Vivarium, that of its packages. */
export const VERSION = '0.1.0'

/** The version of ZooKeeper whose behaviour this server has; clients and monitoring look for it. */
export const ZOOKEEPER_VERSION = '3.9.5'

const BUILT = '2026-11-21 00:00'

/** As `srvr`, `mntr` and `envi` print it, in the shape of Java's Version.getFullVersion, which clients take apart. */
export const FULL_VERSION = `${ZOOKEEPER_VERSION}-vivarium-${VERSION}, built on ${BUILT} UTC`
