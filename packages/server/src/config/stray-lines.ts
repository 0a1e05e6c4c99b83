import { keyNamed } from './keys.ts'
import type { Property } from './properties.ts'

/** A line of base64, or of what stands above and below it in PEM. */
const PART_OF_STORE = /^(?:[\w+/]+|-----\w+)$/

/**
 * The lines below the key of a store that look like the rest of it: PEM that was pasted, whose lines do not end in a
 * backslash. As they may be a private key they are not to be taken for keys, which would be named in messages.
 */
export function strayLines(properties: readonly Property[]): Set<Property> {
  const stray = new Set<Property>()
  let below = false
  for (const property of properties) {
    if (keyNamed(property.key) !== undefined) below = property.key.endsWith('.inline')
    else if (below && PART_OF_STORE.test(property.key)) stray.add(property)
  }
  return stray
}
