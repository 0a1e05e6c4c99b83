import { signal } from '@preact/signals'
import { THEME_KEY } from './early-theme.ts'

export type Theme = 'system' | 'light' | 'dark'

const NEXT: Readonly<Record<Theme, Theme>> = { system: 'dark', dark: 'light', light: 'system' }

export const theme = signal<Theme>((document.documentElement.dataset.theme as Theme | undefined) ?? 'system')

/** As the system has it, dark, light, and round again; it is kept. */
export function nextTheme(): void {
  theme.value = NEXT[theme.value]
  const { dataset } = document.documentElement
  if (theme.value === 'system') delete dataset.theme
  else dataset.theme = theme.value
  try {
    if (theme.value === 'system') localStorage.removeItem(THEME_KEY)
    else localStorage.setItem(THEME_KEY, theme.value)
  } catch {
    // A browser that keeps nothing: it is so until the page is left.
  }
}
