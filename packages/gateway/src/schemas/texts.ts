import { formatZxid, type Zxid } from '@vivarium/protocol'

/** 64-bit numbers stand in JSON as text: `0x10000002a`. */
export const zxidText = (zxid: Zxid): string => formatZxid(zxid)

export const sessionText = (id: bigint): string => `0x${BigInt.asUintN(64, id).toString(16)}`
