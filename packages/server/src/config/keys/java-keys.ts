import { type Key, propertyKey } from '../key.ts'
import { int, long, looseBool, optional, text } from '../value-type.ts'

const inert = { support: 'inert' } as const

/** Threads, buffers and caches of the Java server. Accepted, so that a zoo.cfg that tunes them needs no change. */
export const javaKeys: readonly Key<unknown>[] = [
  propertyKey('serverCnxnFactory', text, 'org.apache.zookeeper.server.NIOServerCnxnFactory', 'NIO or Netty.', inert),
  propertyKey('nio.numSelectorThreads', optional(int()), null, 'Selector threads.', inert),
  propertyKey('nio.numWorkerThreads', optional(int()), null, 'Worker threads.', inert),
  propertyKey('nio.directBufferBytes', int(), 65_536, 'Direct buffers.', inert),
  propertyKey('nio.shutdownTimeout', long(), 5000, 'Time for workers to end.', inert),
  propertyKey('netty.advancedFlowControl.enabled', looseBool, false, 'Flow control of Netty.', {
    ...inert,
    aliases: ['advancedFlowControlEnabled'],
  }),
  propertyKey('netty.server.earlyDropSecureConnectionHandshakes', looseBool, false, 'Drop them early.', inert),
  propertyKey('intBufferStartingSizeBytes', int(32), 1024, 'First size of a buffer.', inert),
  propertyKey('maxResponseCacheSize', int(), 400, 'Replies to getData kept ready.', inert),
  propertyKey('maxGetChildrenResponseCacheSize', int(), 400, 'Replies to getChildren kept ready.', inert),
  propertyKey('watchManagerName', text, 'org.apache.zookeeper.server.watch.WatchManager', 'The watch table.', inert),
  propertyKey('watcherCleanThreadsNum', int(), 2, 'Of WatchManagerOptimized.', inert),
  propertyKey('watcherCleanThreshold', int(), 1000, 'Of WatchManagerOptimized.', inert),
  propertyKey('watcherCleanIntervalInSeconds', int(), 600, 'Of WatchManagerOptimized.', inert),
  propertyKey('maxInProcessingDeadWatchers', int(), -1, 'Of WatchManagerOptimized.', inert),
  propertyKey('bitHashCacheSize', int(), 10, 'Of WatchManagerOptimized.', inert),
  propertyKey('commitProcessor.numWorkerThreads', optional(int()), null, 'Threads for reads.', inert),
  propertyKey('commitProcessor.maxReadBatchSize', int(), -1, 'Reads before a commit.', inert),
  propertyKey('commitProcessor.maxCommitBatchSize', int(), 1, 'Commits before reads.', inert),
  propertyKey('commitProcessor.shutdownTimeout', long(), 5000, 'Time for those threads to end.', inert),
  propertyKey('jmx.log4j.disable', looseBool, false, 'JMX.', inert),
  propertyKey('jmx.log4j.mbean', text, 'log4j:hierarchy=default', 'JMX.', inert),
]
