/** Browsers place nothing much further down than this many pixels: longer lists are scrolled through in larger steps. */
const TALLEST = 8_000_000
const OVERSCAN = 8

/** A list of rows of one height, in an element that scrolls. Everything is in pixels. */
export interface Scrolled {
  readonly count: number
  readonly rowHeight: number
  readonly viewport: number
  readonly scrollTop: number
}

/** Which rows to make: `first` to `end` (which is not among them), the first of them `top` below the list's beginning. */
export interface Window {
  readonly height: number
  readonly first: number
  readonly end: number
  readonly top: number
}

export function windowOf({ count, rowHeight, viewport, scrollTop }: Scrolled): Window {
  const whole = count * rowHeight
  const height = Math.min(whole, TALLEST)
  const scrolled = Math.max(0, Math.min(scrollTop, height - viewport))
  const at = toWhole(scrolled, whole, height, viewport)
  const first = Math.max(0, Math.floor(at / rowHeight) - OVERSCAN)
  const end = Math.min(count, Math.ceil((at + viewport) / rowHeight) + OVERSCAN)
  return { height, first, end, top: scrolled + first * rowHeight - at }
}

/** Where to scroll for a row to be seen; what is seen already stays where it is. */
export function scrollTopFor(row: number, { count, rowHeight, viewport, scrollTop }: Scrolled): number {
  const whole = count * rowHeight
  const height = Math.min(whole, TALLEST)
  const at = toWhole(Math.max(0, Math.min(scrollTop, height - viewport)), whole, height, viewport)
  const top = row * rowHeight
  if (top >= at && top + rowHeight <= at + viewport) return scrollTop
  const wanted = top < at ? top : top + rowHeight - viewport
  return whole <= height ? wanted : Math.round((wanted / (whole - viewport)) * (height - viewport))
}

const toWhole = (scrolled: number, whole: number, height: number, viewport: number): number =>
  whole <= height ? scrolled : (scrolled / (height - viewport)) * (whole - viewport)
