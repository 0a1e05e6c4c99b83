import { joinPath, parentOf } from '@vivarium/client'
import { validatePath } from '@vivarium/protocol'
import { COMMANDS } from './commands/index.ts'
import type { Shell } from './shell.ts'

type Completed = [matches: string[], word: string]

/** Completes the last word of a line: a path where it begins with a slash, else the name of a command. */
export async function complete(shell: Pick<Shell, 'zk'>, line: string): Promise<Completed> {
  const word = /\S*$/.exec(line)?.[0] ?? ''
  if (word.startsWith('/')) return [await completePath(shell, word), word]
  const isFirst = line.trimStart() === word
  return [isFirst ? COMMANDS.map(({ name }) => `${name} `).filter((name) => name.startsWith(word)) : [], word]
}

/** As readline wants it. */
export function completer(shell: Shell): (line: string, done: (error: null, completed: Completed) => void) => void {
  return (line, done) => {
    complete(shell, line).then((completed) => done(null, completed))
  }
}

/** Nothing where the tree cannot be asked: a completion is no place for errors. */
async function completePath({ zk }: Pick<Shell, 'zk'>, word: string): Promise<string[]> {
  const parent = parentOf(word)
  if (zk === null || validatePath(parent) !== null) return []
  if (zk.state !== 'connected' && zk.state !== 'read-only') return []
  try {
    const names = await zk.getChildren(parent)
    return names
      .sort()
      .map((name) => joinPath(parent, name))
      .filter((path) => path.startsWith(word))
  } catch {
    return []
  }
}
