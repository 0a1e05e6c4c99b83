/** Names to addresses. Asked again for every connection attempt, since a name can move to another machine. */
export interface Resolver {
  /** All addresses of a host; an address is its own. Rejects with the system's error (`code` ENOTFOUND, EAI_AGAIN …). */
  resolve(host: string): Promise<readonly string[]>
}
