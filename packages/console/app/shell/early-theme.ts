// Runs before anything is painted, so that a page which was made dark or light by hand does not flash in the other.
export const THEME_KEY = 'vivarium.theme'

try {
  const theme = localStorage.getItem(THEME_KEY)
  if (theme === 'dark' || theme === 'light') document.documentElement.dataset.theme = theme
} catch {
  // A browser that keeps nothing: as the system is.
}
