import { signal } from '@preact/signals'

export const VIEWS = ['tree', 'search', 'recipes', 'sessions', 'ensemble', 'metrics', 'audit'] as const
export type View = (typeof VIEWS)[number]

/** Where in the console somebody is: it stands in the address, so that it can be sent to others and gone back to. */
export interface Route {
  readonly view: View
  readonly parameters: Readonly<Record<string, string>>
}

/** Reads what follows the `#` of an address; whatever is wrong with it, it is somewhere. */
export function parseRoute(hash: string): Route {
  const [name = '', search = ''] = hash.replace(/^#\/?/, '').split('?', 2)
  const view = VIEWS.find((known) => known === name) ?? 'tree'
  return { view, parameters: Object.fromEntries(new URLSearchParams(search)) }
}

export function formatRoute(view: View, parameters: Readonly<Record<string, string | undefined>> = {}): string {
  const given = Object.entries(parameters).filter((entry): entry is [string, string] => (entry[1] ?? '') !== '')
  const search = new URLSearchParams(given).toString().replaceAll('%2F', '/')
  return `#/${view}${search === '' ? '' : `?${search}`}`
}

export const route = signal<Route>(parseRoute(globalThis.location?.hash ?? ''))

/** Follows the address from now on. */
export function followAddress(): void {
  addEventListener('hashchange', () => {
    route.value = parseRoute(location.hash)
  })
}

/** Goes somewhere else. What is only another tab of the same thing leaves no step to go back to. */
export function go(view: View, parameters: Readonly<Record<string, string | undefined>> = {}, replace = false): void {
  const hash = formatRoute(view, parameters)
  if (hash === location.hash) return
  if (replace) {
    history.replaceState(null, '', hash)
    route.value = parseRoute(hash)
  } else location.hash = hash
}

/** Where a znode is shown. */
export const znodeAddress = (path: string, tab?: string): string => formatRoute('tree', { path, tab })
