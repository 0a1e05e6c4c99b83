import type { Command } from '../command.ts'

/** The commands that are about the shell itself. */
export const SESSION_COMMANDS: readonly Command[] = [
  { name: 'close', usage: '', run: ({ shell }) => shell.close() },
  {
    name: 'connect',
    usage: 'host:port',
    verbatim: true,
    offline: true,
    run: ({ shell, words: [host] }) => shell.connect(host),
  },
  { name: 'quit', usage: '', verbatim: true, offline: true, run: ({ shell }) => shell.quit() },
  {
    name: 'history',
    usage: '',
    verbatim: true,
    offline: true,
    run({ shell, print }) {
      for (const [number, line] of shell.recent()) print(`${number} - ${line}`, { number, line })
    },
  },
  {
    name: 'redo',
    usage: 'cmdno',
    verbatim: true,
    offline: true,
    run: ({ shell, words: [number] }) => (number === undefined ? undefined : shell.redo(number)),
  },
  {
    name: 'printwatches',
    usage: 'on|off',
    verbatim: true,
    offline: true,
    run({ shell, words: [onOff], print }) {
      if (onOff === undefined) print(`printwatches is ${shell.printWatches ? 'on' : 'off'}`, shell.printWatches)
      else shell.printWatches = onOff === 'on'
    },
  },
]
