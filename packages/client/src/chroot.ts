/** The part of the tree that a client sees: its `/` is the server's `prefix`. */
export class Chroot {
  /** Empty: all of the tree. Otherwise without a slash at its end. */
  readonly prefix: string

  constructor(prefix: string) {
    this.prefix = prefix
  }

  /** The server's path for a path of the client. */
  toServer(path: string): string {
    if (this.prefix === '') return path
    return path === '/' ? this.prefix : this.prefix + path
  }

  /** The client's path for one of the server; what lies outside, as `/zookeeper/config` does, keeps its own. */
  toClient(path: string): string {
    const { prefix } = this
    if (prefix === '' || !path.startsWith(prefix)) return path
    if (path.length === prefix.length) return '/'
    return path.charCodeAt(prefix.length) === 0x2f ? path.slice(prefix.length) : path
  }
}
