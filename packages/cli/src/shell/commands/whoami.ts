import type { Command } from '../command.ts'

export const whoami: Command = {
  name: 'whoami',
  usage: '',
  verbatim: true,
  async run({ zk, print }) {
    const identities = await zk.whoAmI()
    print(['Auth scheme: User', ...identities.map(({ scheme, user }) => `${scheme}: ${user}`)].join('\n'), identities)
  },
}
