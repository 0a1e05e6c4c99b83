/** What is wrong with a key store, a trust store or their settings; the message names the file. */
export class KeyStoreError extends Error {
  override readonly name = 'KeyStoreError'
}
