import type { JSX } from 'preact'

const PATHS = {
  tree: 'M5 4h5M5 4v13a2 2 0 0 0 2 2h4M5 10h6M14 4h5M14 10h5M15 19h4',
  search: 'M11 4a7 7 0 1 1 0 14 7 7 0 0 1 0-14zM16.500 16.500 21 21',
  recipes: 'M7 11V8a5 5 0 0 1 10 0v3M5 11h14v9H5zM12 15v2',
  sessions:
    'M8 11a3.500 3.500 0 1 0 0-7 3.500 3.500 0 0 0 0 7zM2 20c0-4 3-6 6-6s6 2 6 6M16 4.500a3.500 3.500 0 0 1 0 6.500M17 14c3 .5 5 2.500 5 6',
  ensemble:
    'M12 3.500a2.500 2.500 0 1 1 0 5 2.500 2.500 0 0 1 0-5zM5 15.500a2.500 2.500 0 1 1 0 5 2.500 2.500 0 0 1 0-5zM19 15.500a2.500 2.500 0 1 1 0 5 2.500 2.500 0 0 1 0-5zM10.800 8.300 6.200 15.700M13.200 8.300l4.600 7.400M7.500 18h9',
  metrics: 'M3 20h18M4 16l5-6 4 4 7-9',
  audit: 'M6 3h9l4 4v14H6zM14 3v5h5M9 12h7M9 16h7',
  light:
    'M12 8a4 4 0 1 1 0 8 4 4 0 0 1 0-8zM12 2v2M12 20v2M4 12H2M22 12h-2M5 5l1.500 1.500M17.500 17.500 19 19M5 19l1.500-1.500M17.500 6.500 19 5',
  dark: 'M20 14A8.500 8.500 0 0 1 10 4a8.500 8.500 0 1 0 10 10z',
  system: 'M4 5h16v11H4zM9 20h6M12 16v4',
  key: 'M8 11a4 4 0 1 1 0 8 4 4 0 0 1 0-8zM11 12l8-8M16 7l3 3',
  back: 'M15 5l-7 7 7 7',
  copy: 'M9 9h11v11H9zM5 15H4V4h11v1',
} as const

export type IconName = keyof typeof PATHS

/** A drawing beside words that say the same: nobody needs to see it. */
export function Icon({ name }: { readonly name: IconName }): JSX.Element {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  )
}
