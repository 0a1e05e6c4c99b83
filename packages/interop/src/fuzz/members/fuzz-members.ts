import { setTimeout as delay } from 'node:timers/promises'
import { Ensemble, type Member } from '../../ensembles/ensemble.ts'
import { Prng } from '../../prng.ts'
import { freePort, type ServerProcess, VIVARIUM } from '../../server-process.ts'
import { attack, type Tally } from './attack.ts'
import { BlockMaker } from './block-maker.ts'
import { electionGreeting, type Identities, learnerGreeting } from './greetings.ts'
import { electionTemplates, learnerTemplates } from './templates.ts'
import { Victim } from './victim.ts'

export interface MembersFuzzReport {
  seconds: number
  /** By what was attacked. */
  readonly tallies: Readonly<Record<string, Tally>>
  /** The slowest write of a client meanwhile, in milliseconds, and how many there were. */
  slowestWriteMs: number
  writes: number
  /** What each process held at about half-time and towards the end, three times each, in bytes. */
  readonly memory: Readonly<Record<string, number[]>>
  readonly complaints: string[]
}

/** Ids that stand in the configuration, and of which no server runs. */
const HOSTILE_VOTERS = [4, 5]
const REAL_VOTERS = [1, 2, 3]
const OBSERVER = 6
const SIZE = 7
const CONNECTIONS = 3
const SAMPLES = [0.45, 0.5, 0.55, 0.9, 0.95, 1]
const AT_HALF_TIME = 3
/** Every member needs this much more at the end than at half-time, at most: each time until garbage is collected, and after. */
const MOST_GROWTH_BYTES = 60e6
const LONGEST_STALL_MS = 20_000

/**
 * Sends hostile messages to the ports of members for one another: to the elections of all, to the leader's port for learners
 * and a follower's for observers; and leads a server that follows by lies. Meanwhile a client writes.
 */
export async function fuzzMembers(seed: number, frames: number): Promise<MembersFuzzReport> {
  const masterPort = await freePort()
  const ensemble = await Ensemble.layOut(SIZE, {
    observers: [OBSERVER, SIZE],
    config: { tickTime: '2000', forceSync: 'no', snapCount: '10000000' },
  })
  ensemble.member(1).config.observerMasterPort = String(masterPort)
  const tallies = { elections: tally(), leader: tally(), 'observer master': tally(), follower: tally() }
  const report: MembersFuzzReport = {
    seconds: 0,
    tallies,
    slowestWriteMs: 0,
    writes: 0,
    memory: {},
    complaints: [],
  }
  let victim: Victim | null = null
  try {
    await ensemble.start(() => VIVARIUM, [...REAL_VOTERS, OBSERVER])
    const leader = await ensemble.settled()
    victim = await Victim.start(new Prng(seed + 7), tallies.follower)
    const started = performance.now()
    const sum = (): number => Object.values(tallies).reduce((total, { frames: some }) => total + some, 0)
    const wanted = (): boolean => sum() < frames && report.complaints.length === 0
    const processes = new Map([
      ...ensemble.running.map(({ sid, process }) => [`server ${sid}`, process as ServerProcess] as const),
      ['the follower of a liar', victim.server] as const,
    ])
    const attackers = attackAll(seed, ensemble, leader, masterPort, tallies, wanted)
    const writing = write(ensemble.member(2), report, wanted).catch((error: unknown) => {
      report.complaints.push(`a client: ${error}`)
    })
    for (const share of SAMPLES) {
      while (wanted() && sum() < share * frames) await delay(20)
      for (const [name, process] of processes) {
        if (process.ended !== null) report.complaints.push(`${name} has ended: ${process.ended}\n${process.logTail()}`)
        else
          (report.memory as Record<string, number[]>)[name] = [...(report.memory[name] ?? []), process.residentBytes()]
      }
    }
    await Promise.all(attackers)
    await writing
    report.seconds = (performance.now() - started) / 1000
    judge(report)
    if ((await ensemble.settled()) !== leader) report.complaints.push('another member leads')
    report.complaints.push(...(await ensemble.differences()))
    if (!/is no packet|Dropped a learner|went on|No longer follower/.test(victim.server.logTail(20_000)))
      report.complaints.push('the follower of a liar does not say what was wrong')
    if (!/Dropped a learner/.test(leader.process?.logTail(1e6) ?? ''))
      report.complaints.push('the leader does not say what was wrong')
  } catch (error) {
    report.complaints.push(`${error instanceof Error ? error.stack : error}\n${ensemble.logs()}`)
  } finally {
    await victim?.close()
    await ensemble.dispose()
  }
  return report
}

function tally(): Tally {
  return { frames: 0, connections: 0 }
}

function attackAll(
  seed: number,
  ensemble: Ensemble,
  leader: Member,
  masterPort: number,
  tallies: { elections: Tally; leader: Tally; 'observer master': Tally },
  wanted: () => boolean,
): Promise<void>[] {
  const identities = (running: number): Identities => {
    return {
      voter: BigInt(HOSTILE_VOTERS[0] as number),
      observer: BigInt(SIZE),
      running: BigInt(running),
    }
  }
  const ports = (member: Member): number[] => {
    const line = member.config[`server.${member.sid}`] as string
    return line.split(':').slice(1, 3).map(Number)
  }
  const attacks: Promise<void>[] = []
  for (let i = 0; i < CONNECTIONS; i++) {
    const random = new Prng(seed * 1000 + i)
    const learners = new BlockMaker(random, learnerTemplates(random))
    const votes = new BlockMaker(random, electionTemplates(random))
    const asLearner = learnerGreeting(random, identities(leader.sid))
    attacks.push(attack(ports(leader)[0] as number, learners, asLearner, tallies.leader, wanted))
    attacks.push(attack(masterPort, learners, asLearner, tallies['observer master'], wanted))
    for (const member of ensemble.running) {
      const asPeer = electionGreeting(random, identities(member.sid === 1 ? 2 : 1))
      attacks.push(attack(ports(member)[1] as number, votes, asPeer, tallies.elections, wanted))
    }
  }
  return attacks
}

/** One write after another, by a session of good manners. */
async function write(member: Member, report: MembersFuzzReport, wanted: () => boolean): Promise<void> {
  const client = await member.connect()
  await client.create('/written')
  while (wanted()) {
    const asked = performance.now()
    await client.setData('/written', Buffer.from(String(report.writes)))
    report.slowestWriteMs = Math.max(report.slowestWriteMs, performance.now() - asked)
    report.writes++
    await delay(5)
  }
  await client.close()
}

function judge(report: MembersFuzzReport): void {
  const { memory, complaints, slowestWriteMs } = report
  for (const [name, held] of Object.entries(memory)) {
    if (held.length < SAMPLES.length) continue // It has ended, which is told.
    const growth = Math.min(...held.slice(AT_HALF_TIME)) - Math.max(...held.slice(0, AT_HALF_TIME))
    if (growth > MOST_GROWTH_BYTES)
      complaints.push(`${name} went on growing, by ${Math.round(growth / 1e6)} MB from half-time on`)
  }
  if (slowestWriteMs > LONGEST_STALL_MS) complaints.push(`a write took ${Math.round(slowestWriteMs)} ms`)
}
