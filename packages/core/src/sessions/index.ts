export { type Expirable, ExpiryQueue } from './expiry-queue.ts'
export { formatSessionId, Session } from './session.ts'
export { firstSessionId } from './session-id.ts'
export { type ReattachRefusal, SessionTracker, type SessionTrackerOptions } from './session-tracker.ts'
