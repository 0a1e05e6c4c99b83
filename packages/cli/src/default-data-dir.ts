import { join } from 'node:path'

/**
 * Where a server without configuration keeps its data: the place that the system has for a user's data. It does not
 * hang on the current directory, so that a server started elsewhere does not seem to have lost everything.
 */
export function defaultDataDir(
  platform: string,
  environment: Readonly<Record<string, string | undefined>>,
  home: string,
): string {
  if (platform === 'win32') return join(environment.LOCALAPPDATA || join(home, 'AppData', 'Local'), 'vivarium')
  if (platform === 'darwin') return join(home, 'Library', 'Application Support', 'vivarium')
  // The specification tells to ignore relative paths here (XDG Base Directory Specification).
  const data = environment.XDG_DATA_HOME ?? ''
  return join(data.startsWith('/') ? data : join(home, '.local', 'share'), 'vivarium')
}
