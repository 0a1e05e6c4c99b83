import type { JSX } from 'preact'
import { sentence, time } from './format.ts'
import type { Answer } from './use-answer.ts'

/** Says that what is shown is of some time ago, as nobody answers now. */
export function Stale({ answer: { value, problem, atMs } }: { readonly answer: Answer<unknown> }): JSX.Element | null {
  if (value === null || problem === null) return null
  return (
    <p class="problem" role="alert">
      {sentence(problem.message)} What is shown here is what was told last, {time(atMs)}.
    </p>
  )
}
