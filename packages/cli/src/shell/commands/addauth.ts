import type { Command } from '../command.ts'

export const addauth: Command = {
  name: 'addauth',
  usage: 'scheme auth',
  atLeast: 1,
  run: ({ zk, words: [scheme = '', auth = ''] }) => zk.addAuth(scheme, auth),
}
