import { test } from 'node:test'
import { differingNames, notCounted, parseExposition, parseMntr } from '../dist/monitoring/exposition.js'
import { type Observed, withObservedEnsemble, withStandalone } from '../dist/monitoring/observed.js'
import { shape } from '../dist/monitoring/shape.js'
import { UNCOUNTED } from '../dist/monitoring/uncounted.js'
import { APACHE, VIVARIUM } from '../dist/server-process.js'
import { Suite } from '../dist/suite.js'

// What servers tell of themselves, alone and in ensembles: metrics, four-letter words, commands of the admin server.

const suite = new Suite('monitoring')

/** What only one of the two can have: Java's machine, Node's. */
const THEIRS = ['jvm_memory', 'jvm_gc', 'jvm_threads', 'jvm_classes', 'jvm_buffer', 'jvm_info']
const OURS = ['vivarium_']

/**
 * Where a follower has no observers of its own, Java's provider for Prometheus shows a gauge that has no value; and its
 * members forget the text of their configuration.
 */
const NOT_OURS = /^follower: synced_observers|initial_configuration/

const WORDS = ['conf', 'srvr', 'stat', 'envi', 'mntr', 'wchs', 'dirs', 'isro', 'ruok', 'gtmk', 'hash', 'crst']
const COMMANDS = [
  ...['configuration', 'connection_stat_reset', 'connections', 'dirs', 'environment', 'get_trace_mask'],
  ...['initial_configuration', 'is_read_only', 'last_snapshot', 'leader', 'monitor', 'observers', 'ruok'],
  ...['server_stats', 'voting_view', 'watch_summary', 'watches', 'watches_by_path', 'zabstate', 'restore', 'snapshot'],
]

/** What a server tells in one way: to Prometheus, or in words and commands. */
interface Told {
  readonly mode: string
  readonly exposition: string
  readonly words: ReadonlyMap<string, string>
  readonly commands: ReadonlyMap<string, { readonly status: number; readonly text: string }>
}

async function ask(server: Observed): Promise<Told> {
  const words = new Map<string, string>()
  const commands = new Map<string, { status: number; text: string }>()
  for (const command of COMMANDS) commands.set(command, await server.command(command))
  for (const word of WORDS) words.set(word, await server.word(word))
  return { mode: server.mode, exposition: await server.exposition(), words, commands }
}

/** The lines of a four-letter word, without what is behind their names. */
function lines(word: string, text: string): string[] {
  if (word === 'mntr') return [...parseMntr(text).keys()]
  const named = text.split('\n').map((line) => line.split(/[:=]/)[0]?.replace(/\d+/g, 'N') ?? '')
  // Who is connected, and which digests there are, is each server's own.
  return named.filter((line) => !/^ \/|^zxid |^N/.test(line) && line.trim() !== '')
}

function compareExpositions(theirs: Told, ours: Told): string[] {
  const [a, b] = [parseExposition(theirs.exposition, THEIRS), parseExposition(ours.exposition, OURS)]
  const types = ({ types }: typeof a): string[] => Array.from(types, ([name, type]) => `${name}: ${type}`)
  return [
    ...differingNames(types(a), types(b)),
    ...differingNames(a.samples.keys(), b.samples.keys()),
    ...notCounted(a, b)
      .filter((name) => !UNCOUNTED.has(name))
      .map((name) => `${name} is not counted`),
  ]
}

function compareAnswers(theirs: Told, ours: Told): string[] {
  const complaints: string[] = []
  for (const [word, text] of theirs.words) {
    const own = ours.words.get(word) ?? ''
    complaints.push(...differingNames(lines(word, text), lines(word, own)).map((line) => `${word}: ${line}`))
  }
  for (const [name, { status, text }] of theirs.commands) {
    const own = ours.commands.get(name)
    if (own?.status !== status) complaints.push(`${name}: status ${own?.status} instead of ${status}`)
    const [wanted, found] = [JSON.stringify(shape(text)), JSON.stringify(shape(own?.text ?? 'null'))]
    if (found !== wanted) complaints.push(`${name}: ${found} instead of ${wanted}`)
  }
  return complaints
}

/** With Java's provider for Prometheus, its mntr has other names; ours has the same ones always. */
for (const [way, provider, compare] of [
  ['to Prometheus', 'prometheus', compareExpositions],
  ['in words and commands', 'default', compareAnswers],
] as const) {
  test(`a standalone server tells ${way} what Apache tells`, (context) =>
    suite.withPeers(context, async () => {
      const told: Told[] = []
      for (const kind of [APACHE, VIVARIUM]) {
        await withStandalone(kind, provider, async (server) => {
          told.push(await ask(server))
        })
      }
      suite.report(1, compare(told[0] as Told, told[1] as Told))
    }))

  test(`the members of an ensemble tell ${way} what Apache's tell`, (context) =>
    suite.withPeers(context, async () => {
      const told: Told[][] = []
      for (const kind of [APACHE, VIVARIUM]) {
        await withObservedEnsemble(kind, provider, async (follower, leader) => {
          told.push([await ask(follower), await ask(leader)])
        })
      }
      const [theirs = [], ours = []] = told
      const complaints = theirs.flatMap((their, i) =>
        compare(their, ours[i] as Told)
          .map((line) => `${their.mode}: ${line}`)
          .filter((line) => !NOT_OURS.test(line)),
      )
      suite.report(2, complaints)
    }))
}
