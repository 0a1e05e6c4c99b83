import type { Checker } from './violation.ts'

/** The tree's digest after each transaction is the one that was predicted for it, while serving and while recovering. */
export const digests: Checker = {
  name: 'digests',
  check: ({ digestMismatches, incidents }) => [
    ...(digestMismatches > 0 ? [`${digestMismatches} transactions left another digest than was predicted`] : []),
    ...incidents
      .filter(({ kind, text }) => kind === 'error logged' && text.startsWith('the tree differs'))
      .map(({ text }) => text),
  ],
}
