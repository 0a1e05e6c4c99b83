/** What connections count. The names of the metrics that come of it are in the admin folder. */
export interface ClientMetrics {
  /** A whole frame, or a four-letter word. */
  packetReceived(): void
  /** Of whatever kind. */
  packetSent(): void
  bytesReceived(bytes: number): void
  connectionRejected(): void
  /** A ConnectRequest was let through; `deficit` is how many tokens the throttle lacks. */
  connectionRequested(deficit: number): void
  connectionRevalidated(): void
  /** A client ended its connection without having been told to. */
  connectionDropped(): void
  sessionlessExpired(): void
  authFailed(): void
  largeRequestRejected(): void
  /** @param bytes without the length in front */
  watchEventSent(bytes: number): void
  /**
   * @param write whether the request became a transaction
   * @param bytes of the reply, without the length in front
   */
  replied(latencyMs: number, write: boolean, bytes: number): void
}
