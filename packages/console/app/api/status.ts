import { signal } from '@preact/signals'
import { account } from './account.ts'
import { get, messageOf } from './http.ts'
import type { Status } from './types.ts'

const EVERY_MS = 5000

/** What the gateway says of itself and of its connection; null before it has said anything. */
export const status = signal<Status | null>(null)
/** Why it says nothing. */
export const statusProblem = signal<string | null>(null)

/** Whether anything may be changed at all: somebody is signed in, and the ensemble takes writes. */
export const mayWrite = (): boolean => account.value !== null && status.value?.writable !== false

export async function refreshStatus(): Promise<void> {
  try {
    status.value = await get<Status>('api/v1/status')
    statusProblem.value = null
  } catch (error) {
    statusProblem.value = messageOf(error)
  }
}

/** Asks from now on, as long as somebody looks. */
export function followStatus(): void {
  void refreshStatus()
  setInterval(() => {
    if (!document.hidden) void refreshStatus()
  }, EVERY_MS)
}
