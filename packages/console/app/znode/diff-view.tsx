import { diffLines } from 'diff'
import type { JSX } from 'preact'
import { useMemo } from 'preact/hooks'
import { layOutJson } from './json-tokens.ts'

const AROUND = 3
/** How long is looked for the shortest way from one text to the other. */
const TIMEOUT_MS = 500

interface Line {
  readonly mark: ' ' | '+' | '-' | '…'
  readonly text: string
}

/** What changes from one text to another, line by line, with a few lines around it. */
export function DiffView({ before, after }: { readonly before: string; readonly after: string }): JSX.Element {
  const lines = useMemo(() => linesOf(...asRead(before, after)), [before, after])
  if (before === after) return <p class="empty">Nothing is changed.</p>
  return (
    <div class="code diff" role="group" aria-label="What changes" tabIndex={0}>
      {lines.map(({ mark, text }, at) => (
        <div key={at} class={mark === '+' ? 'added' : mark === '-' ? 'removed' : mark === '…' ? 'skipped' : 'same'}>
          <span class="mark" aria-hidden="true">
            {mark}
          </span>
          {mark === '+' && <ins>{text}</ins>}
          {mark === '-' && <del>{text}</del>}
          {(mark === ' ' || mark === '…') && <span>{text}</span>}
        </div>
      ))}
    </div>
  )
}

/** JSON is compared as it is laid out to be read, unless that is all that changes. */
function asRead(before: string, after: string): readonly [before: string, after: string] {
  const [old, now] = [layOutJson(before), layOutJson(after)]
  return old === null || now === null || old === now ? [before, after] : [old, now]
}

function linesOf(before: string, after: string): Line[] {
  const parts = diffLines(ended(before), ended(after), { timeout: TIMEOUT_MS })
  if (parts === undefined) return [...split(before, '-'), ...split(after, '+')]
  return parts.flatMap(({ value, added, removed }, at) => {
    const lines = split(value.replace(/\n$/, ''), added ? '+' : removed ? '-' : ' ')
    if (added || removed) return lines
    const head = at === 0 ? 0 : AROUND
    const tail = at === parts.length - 1 ? 0 : AROUND
    const skipped = lines.length - head - tail
    if (skipped < 2) return lines
    const rest: Line = { mark: '…', text: `${skipped} lines that stay the same` }
    return [...lines.slice(0, head), rest, ...lines.slice(lines.length - tail)]
  })
}

const split = (text: string, mark: Line['mark']): Line[] => text.split('\n').map((line) => ({ mark, text: line }))

/** The last line has an end, too: that it has none in one of them is not told. */
const ended = (text: string): string => (text === '' || text.endsWith('\n') ? text : `${text}\n`)
