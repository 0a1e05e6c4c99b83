export type { DiskFault, DiskOperation, DiskOperationKind } from './disk-operation.ts'
export { MemoryDisk, type MemoryDiskOptions } from './memory-disk.ts'
export { MemoryNetwork } from './memory-network.ts'
export { POWER_CUTS, type PowerCut, SECTOR_BYTES } from './power-cut.ts'
