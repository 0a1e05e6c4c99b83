import { setTimeout as delay } from 'node:timers/promises'
import type { ServerKind } from '../server-process.ts'
import { Ensemble, type EnsembleOptions, type Member } from './ensemble.ts'

export interface CheckReport {
  passed: number
  readonly complaints: string[]
}

/** Runs `body` on an ensemble, and adds the logs to whatever it throws. */
export async function withEnsemble(
  size: number,
  options: EnsembleOptions,
  body: (ensemble: Ensemble, report: CheckReport) => Promise<void>,
): Promise<CheckReport> {
  const ensemble = await Ensemble.layOut(size, options)
  const report: CheckReport = { passed: 0, complaints: [] }
  try {
    await body(ensemble, report)
  } catch (error) {
    report.complaints.push(`${error instanceof Error ? error.stack : error}\n${ensemble.logs()}`)
  } finally {
    await ensemble.dispose()
  }
  return report
}

/** Counts a check, with what is wrong about it. */
export function check(report: CheckReport, what: string, complaints: readonly string[] | boolean): void {
  const list = typeof complaints === 'boolean' ? (complaints ? [] : ['no']) : complaints
  if (list.length === 0) report.passed++
  else report.complaints.push(...list.map((complaint) => `${what}: ${complaint}`))
}

/** Writes for two seconds: long enough for a stranger to have called the others, and to have been called. */
export async function writeMeanwhile(member: Member, name = 'meanwhile'): Promise<void> {
  const client = await member.connect()
  for (let i = 0; i < 20; i++) {
    await client.create(`/${name}-${i}`)
    await delay(100)
  }
  await client.close()
}

/** An ensemble changes its settings step by step, while it serves: in each step, one member after another is restarted. */
export function checkRollingSteps(
  kinds: readonly ServerKind[],
  options: EnsembleOptions,
  steps: readonly Readonly<Record<string, string>>[],
): Promise<CheckReport> {
  return withEnsemble(kinds.length, options, async (ensemble, report) => {
    const kindOf = (sid: number): ServerKind => kinds[sid - 1] as ServerKind
    await ensemble.start(kindOf)
    for (const [step, settings] of steps.entries()) {
      for (const member of ensemble.members) {
        await member.stop()
        Object.assign(member.config, settings)
        await ensemble.start(kindOf, [member.sid])
        const client = await member.connect()
        await client.create(`/step-${step}-${member.sid}`)
        await client.close()
      }
      check(report, `after step ${step + 1}`, await ensemble.differences())
    }
  })
}

const COUNT = 40

/**
 * Three voters, of which the last leads, and perhaps observers: writes, reads and syncs through each, one that comes back
 * after it missed some transactions, one that begins with nothing, a session that moves, and the end of the leader.
 */
export function checkRoles(kinds: readonly ServerKind[], options: EnsembleOptions = {}): Promise<CheckReport> {
  return withEnsemble(kinds.length, options, async (ensemble, report) => {
    const kindOf = (sid: number): ServerKind => kinds[sid - 1] as ServerKind
    const first = ensemble.member(1)
    await ensemble.start(kindOf, [1, 3])
    check(report, 'the last one leads', (await ensemble.member(3).mode()) === 'leader')
    const writer = await ensemble.member(3).connect()
    for (let i = 0; i < COUNT; i++) await writer.create(`/before-${i}`, Buffer.from(`data ${i}`))

    const late = ensemble.members.map(({ sid }) => sid).filter((sid) => sid === 2 || sid > 3)
    await ensemble.start(kindOf, late)
    check(report, 'one that begins with nothing', await ensemble.differences())
    for (const { sid } of ensemble.running) {
      const client = await ensemble.member(sid).connect()
      await Promise.all(Array.from({ length: COUNT }, (_, i) => client.create(`/through-${sid}-${i}`)))
      await client.setData(`/through-${sid}-0`, Buffer.from('changed'), 0)
      await client.delete(`/through-${sid}-1`)
      await client.multi([])
      await client.sync()
      check(report, `server ${sid} reads what it wrote`, (await client.exists(`/through-${sid}-0`))?.version === 1)
      await client.close()
    }
    check(report, 'after writes through each', await ensemble.differences())

    await first.stop()
    for (let i = 0; i < COUNT; i++) await writer.setData(`/before-${i}`, Buffer.from('missed'))
    await ensemble.start(kindOf, [1])
    check(report, 'one that missed some', await ensemble.differences())

    const mover = await first.connect()
    await mover.create('/ephemeral', null, { flags: 1 })
    const { sessionId, password } = mover.session
    for (const sid of [...late, 3, 1]) {
      const moved = await ensemble.member(sid).connect({ sessionId, password: password ?? undefined })
      check(report, `the session on server ${sid}`, moved.session.sessionId === sessionId)
      await moved.setData('/ephemeral', Buffer.from(`on ${sid}`))
      if (sid !== 1) moved.destroy()
      else await moved.close()
    }
    mover.destroy()
    await writer.sync()
    check(report, 'its ephemeral znode went with the session', (await writer.exists('/ephemeral')) === null)
    writer.destroy()

    await ensemble.member(3).kill()
    const leader = await ensemble.settled()
    check(report, 'another one leads', leader.sid === 2)
    const after = await first.connect()
    await after.create('/after')
    await after.close()
    await ensemble.start(kindOf, [3])
    check(report, 'with the old leader back', await ensemble.differences())
  })
}
