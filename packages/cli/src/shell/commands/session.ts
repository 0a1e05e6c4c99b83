import type { Command } from '../command.ts'

/** The commands that are about the shell itself. */
export const SESSION_COMMANDS: readonly Command[] = [
  { name: 'close', usage: '', run: ({ shell }) => shell.close() },
  {
    name: 'connect',
    usage: 'host:port',
    offline: true,
    run: ({ shell, words: [host] }) => shell.connect(host),
  },
  { name: 'quit', usage: '', offline: true, run: ({ shell }) => shell.quit() },
  {
    name: 'history',
    usage: '',
    offline: true,
    run({ shell, print }) {
      for (const [number, line] of shell.recent()) print(`${number} - ${line}`, { number, line })
    },
  },
  {
    name: 'redo',
    usage: 'cmdno',
    offline: true,
    run: ({ shell, words: [number] }) => (number === undefined ? undefined : shell.redo(number)),
  },
  {
    name: 'printwatches',
    usage: 'on|off',
    offline: true,
    run({ shell, words: [onOff], print }) {
      if (onOff === undefined) print(`printwatches is ${shell.printWatches ? 'on' : 'off'}`, shell.printWatches)
      else shell.printWatches = onOff === 'on'
    },
  },
]
