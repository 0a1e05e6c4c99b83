/** `/a/b` and `c` make `/a/b/c`. */
export const join = (parent: string, name: string): string => (parent === '/' ? `/${name}` : `${parent}/${name}`)

/** The path above; the root is above itself. */
export const parentOf = (path: string): string => path.slice(0, path.lastIndexOf('/')) || '/'

/** The last part of a path; the root's is `/`. */
export const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1) || '/'

/** A path and all above it, the root first. */
export function ancestors(path: string): string[] {
  const all = ['/']
  for (let at = path.indexOf('/', 1); at > 0; at = path.indexOf('/', at + 1)) all.push(path.slice(0, at))
  if (path !== '/') all.push(path)
  return all
}

/** The API takes no longer ones. */
const LONGEST = 4096

/** Why a path is none, as PathUtils.validatePath of ZooKeeper has it; null if it is one. */
export function pathProblem(path: string): string | null {
  if (!path.startsWith('/')) return 'A path begins with /.'
  if (path === '/') return null
  if (path.length > LONGEST) return `A path has ${LONGEST} characters at most here.`
  if (path.endsWith('/')) return 'A path does not end with /.'
  for (const name of path.slice(1).split('/')) {
    if (name === '') return 'There are two / in a row.'
    if (name === '.' || name === '..') return 'Paths are absolute: . and .. are no names.'
  }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
  return /[\u0000-\u001f\u007f-\u009f\ud800-\uf8ff\ufff0-\uffff]/.test(path)
    ? 'It has characters that no path may have.'
    : null
}
