import type { ChildPages } from './children/child-pages.ts'
import type { ClientPool } from './clients/client-pool.ts'
import type { LeaseTable } from './clients/lease-table.ts'
import type { EventHub } from './events/event-hub.ts'
import type { Settings } from './gateway-options.ts'

/** What routes work with. */
export interface Context {
  readonly settings: Settings
  readonly pool: ClientPool
  readonly leases: LeaseTable
  readonly pages: ChildPages
  readonly events: EventHub
}
