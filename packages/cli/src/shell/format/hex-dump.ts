const BORDER = `+${'-'.repeat(49)}+`

/** Bytes as Netty's `ByteBufUtil.prettyHexDump` draws them; empty for none. */
export function hexDump(bytes: Uint8Array): string {
  if (bytes.length === 0) return ''
  const columns = Array.from({ length: 16 }, (_, i) => `  ${i.toString(16)}`).join('')
  const lines = [`         ${BORDER}`, `         |${columns} |`, `+--------${BORDER}${'-'.repeat(16)}+`]
  for (let at = 0; at < bytes.length; at += 16) {
    const row = bytes.subarray(at, at + 16)
    const hex = Array.from(row, (byte) => ` ${byte.toString(16).padStart(2, '0')}`).join('')
    const text = Array.from(row, (byte) => (byte <= 0x1f || byte >= 0x7f ? '.' : String.fromCharCode(byte))).join('')
    lines.push(`|${at.toString(16).padStart(8, '0')}|${hex.padEnd(48)} |${text.padEnd(16)}|`)
  }
  return [...lines, `+--------${BORDER}${'-'.repeat(16)}+`].join('\n')
}
