// `npm run bench -- client`: measures the client beside those that Node.js has had, and what it bears.
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { ours, REPOSITORY, theirs } from '../compare/contender.ts'
import { thisCommit, thisMachine } from '../compare/machine.ts'
import { names, positive, wholeNumber } from '../compare/options.ts'
import { compareThroughput, formatThroughput } from './throughput/compare.ts'

const USAGE = `npm run bench -- client [options]

  --servers NAMES  ours,theirs: at which servers (default: ours and Apache ZooKeeper)
  --rounds N       how often each measurement is made, in turns (default 3)
  --secs S         how long each is (default 2)
  --out FILE       where the results go (default: bench/results/<date>-<commit>-client.json)`

const CONTENDERS = { ours, theirs } as const

async function main(args: readonly string[]): Promise<void> {
  const string = { type: 'string' } as const
  const { values } = parseArgs({
    args: [...args],
    options: { servers: string, rounds: string, secs: string, out: string, help: { type: 'boolean' } },
  })
  if (values.help) return console.log(USAGE)
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))
  const servers = names(values.servers, ['ours', 'theirs'], '--servers').map((side) => CONTENDERS[side](null))
  const rounds = wholeNumber(values.rounds ?? '3', '--rounds')
  const seconds = positive(values.secs ?? '2', '--secs')
  const throughput = await compareThroughput({ servers, rounds, seconds })
  const date = new Date().toISOString().slice(0, 10)
  const { commit, changed } = thisCommit(REPOSITORY)
  const machine = thisMachine()
  const file = values.out ?? join(REPOSITORY, 'bench', 'results', `${date}-${commit}-client.json`)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(
    file,
    `${JSON.stringify({ date, commit, uncommittedChanges: changed, machine, throughput }, null, 2)}\n`,
  )
  console.log(`${machine.cpu}, ${machine.cores} cores, ${machine.kernel}, Node ${machine.node}\n`)
  console.log(`${formatThroughput(throughput)}\n\nWritten to ${file}`)
}

main(process.argv.slice(2)).catch((error: Error) => {
  console.error(error.message)
  process.exit(1)
})
