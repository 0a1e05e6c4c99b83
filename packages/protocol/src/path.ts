/**
 * Why `path` is no path of a znode, or null if it is one (PathUtils.validatePath, with its words).
 *
 * @example
 * validatePath('/a//b') // 'empty node name specified @3'
 */
export function validatePath(path: string): string | null {
  const { length } = path
  if (length === 0) return 'Path length must be > 0'
  if (path.charCodeAt(0) !== SLASH) return 'Path must start with / character'
  if (length === 1) return null
  if (path.charCodeAt(length - 1) === SLASH) return 'Path must not end with / character'
  let nameStart = 1
  for (let i = 1; i < length; i++) {
    const unit = path.charCodeAt(i)
    if (unit === SLASH) {
      if (i === nameStart) return `empty node name specified @${i}`
      nameStart = i + 1
    } else if (unit === DOT) {
      if (isRelative(path, nameStart, i)) return `relative paths not allowed @${i}`
    } else if (unit < 0x20 || unit >= 0x7f) {
      if (unit === 0) return `null character not allowed @${i}`
      if (isForbidden(unit)) return `invalid character @${i}`
    }
  }
  return null
}

/** Java's `validatePath(path, isSequential)`: the path of a sequential znode is judged with a digit at its end. */
export function validateSequentialPath(path: string): string | null {
  return validatePath(path + '1')
}

const SLASH = 0x2f
const DOT = 0x2e

/** Whether the name from `start` on is `.` or `..`, its last dot at `i`. */
function isRelative(path: string, start: number, i: number): boolean {
  if (i + 1 < path.length && path.charCodeAt(i + 1) !== SLASH) return false
  return i === start || (i === start + 1 && path.charCodeAt(start) === DOT)
}

/** Control characters, surrogates and private use, and specials. No supplementary character passes. */
function isForbidden(unit: number): boolean {
  return unit < 0x20 || (unit >= 0x7f && unit <= 0x9f) || (unit >= 0xd800 && unit <= 0xf8ff) || unit >= 0xfff0
}

/** The parent of the znode at `path`, which is not `/`: `/a` for `/a/b`, `/` for `/a`. */
export function parentOf(path: string): string {
  const slash = path.lastIndexOf('/')
  return slash <= 0 ? '/' : path.slice(0, slash)
}

/** The last name in `path`: `b` for `/a/b`, empty for `/`. */
export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

/** The path of the child `name` of `parent`. */
export function joinPath(parent: string, name: string): string {
  return parent === '/' ? `/${name}` : `${parent}/${name}`
}
