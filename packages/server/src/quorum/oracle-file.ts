import type { Disk } from '@vivarium/env'

const YES = '1'.charCodeAt(0)

/**
 * Reads the word of an oracle outside the ensemble: whether this server may go on by itself. The file is read each time,
 * since the word may be taken back; one that begins with anything but a 1, or cannot be read, says no
 * (QuorumOracleMaj.askOracle).
 *
 * @param oraclePath null: there is no oracle
 */
export async function askOracle(
  { disk }: { readonly disk: Disk },
  { oraclePath }: { readonly oraclePath: string | null },
): Promise<boolean> {
  if (oraclePath === null) return false
  try {
    const file = await disk.open(oraclePath, 'read')
    try {
      return (await file.read(0, 1))[0] === YES
    } finally {
      await file.close()
    }
  } catch {
    return false
  }
}
