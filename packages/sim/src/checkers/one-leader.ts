import type { Checker } from './violation.ts'

/** An epoch has one leader, which serves in it once: who comes back begins another. Epochs rise. */
export const oneLeader: Checker = {
  name: 'one leader',
  check: ({ incidents, ensemble }) => {
    const leaders = new Map<number, number>()
    return incidents.flatMap(({ kind, server, epoch, ms }) => {
      if (!ensemble || kind !== 'serving' || epoch === undefined) return []
      const other = leaders.get(epoch)
      leaders.set(epoch, server)
      return other === undefined
        ? []
        : [`at ${ms.toFixed(1)} ms server ${server} leads epoch ${epoch}, which server ${other} has led`]
    })
  },
}
