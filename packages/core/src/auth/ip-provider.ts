import type { AuthProvider } from './auth-provider.ts'
import { parseDecimal, parseIpAddress } from './ip-address.ts'

/** The address of the client. In ACLs an address, or a block of them: `10.0.0.0/8`, `2001:db8::/32`. */
export const ipProvider: AuthProvider = {
  scheme: 'ip',
  isAuthenticated: false,
  authenticate: (_credentials, address) => [{ scheme: 'ip', id: address }],
  isValid: (id) => parseBlock(id) !== null,
  matches(id, expression) {
    const block = parseBlock(expression)
    const address = parseIpAddress(id)
    if (block === null || address === null || address.length !== block.bytes.length) return false
    let bits = block.bits
    for (let i = 0; i < address.length && bits > 0; i++, bits -= 8) {
      const mask = bits >= 8 ? 0xff : 0xff << (8 - bits)
      if ((((address[i] as number) ^ (block.bytes[i] as number)) & mask) !== 0) return false
    }
    return true
  },
  userName: (id) => id,
}

function parseBlock(text: string): { readonly bytes: Uint8Array; readonly bits: number } | null {
  const slash = text.indexOf('/')
  const bytes = parseIpAddress(slash < 0 ? text : text.slice(0, slash))
  if (bytes === null) return null
  const bits = slash < 0 ? bytes.length * 8 : parseDecimal(text.slice(slash + 1), 0, bytes.length * 8)
  return Number.isNaN(bits) ? null : { bytes, bits }
}
