// `npm run bench`: measures this server beside Apache ZooKeeper, prints a table and writes down what was found.
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Comparison } from './compare.ts'
import { ours, REPOSITORY, theirs } from './contender.ts'
import { thisCommit, thisMachine } from './machine.ts'
import { type Options, parseOptions, USAGE } from './options.ts'
import { formatTable } from './results.ts'

async function main(args: readonly string[]): Promise<void> {
  if (args.includes('--help')) {
    console.log(USAGE)
    return
  }
  let options: Options
  try {
    options = parseOptions(args)
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${USAGE}`)
    process.exitCode = 2
    return
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))
  const contenders = [theirs(options.theirs), ours(options.ours)] as const
  const comparison = new Comparison(contenders, options)
  await comparison.run()
  const rows = comparison.results.rows()
  const notes = [...comparison.notes]
  const date = new Date().toISOString().slice(0, 10)
  const { commit, changed } = thisCommit(REPOSITORY)
  const machine = thisMachine()
  const report = {
    date,
    commit,
    uncommittedChanges: changed,
    machine,
    ours: contenders[1].name,
    theirs: contenders[0].name,
    rounds: options.rounds,
    secondsPerLoad: options.seconds,
    notes,
    rows,
  }
  const file = options.out ?? join(REPOSITORY, 'bench', 'results', `${date}-${commit}.json`)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, `${JSON.stringify(report, null, 2)}\n`)
  console.log(`${machine.cpu}, ${machine.cores} cores, ${machine.kernel}, Node ${machine.node}, Java ${machine.java}`)
  console.log(`${contenders[1].name} against ${contenders[0].name}; a ratio above 1 means that ours is better.\n`)
  console.log(formatTable(rows))
  for (const note of notes) console.log(`\n${note}`)
  console.log(`\nWritten to ${file}`)
}

main(process.argv.slice(2)).catch((error: Error) => {
  console.error(error.message)
  process.exit(1)
})
