import { copyFileSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Layout } from '@vivarium/client/recipes'
import { APACHE_CONFIGURATION } from '../apache.ts'
import { type Command, kazooPython } from '../clients/peers.ts'
import { cached, PACKAGE, run } from '../install.ts'

/** Someone else's recipes, with a program of ours that contends by them. */
export interface RecipePeer {
  readonly name: string
  readonly layout: Layout
  /** Installs what it takes and compiles the program; throws `PeerUnavailable`. */
  prepare(): Command
}

const POM = join(PACKAGE, 'curator', 'pom.xml')
const SOURCES = join(PACKAGE, 'src', 'recipes')

const CURATOR_PROGRAMS = ['RecipesPeer', 'DiscoveryPeer', 'ContentionPeer'] as const

/** Runs one of our programs with Curator, which Maven fetches the first time. */
function curatorProgram(name: (typeof CURATOR_PROGRAMS)[number]): Command {
  const programs = CURATOR_PROGRAMS.map((each) => join(SOURCES, 'java', `${each}.java`))
  const sources = [POM, ...programs].map((file) => readFileSync(file, 'utf8'))
  const folder = cached('curator', sources, (made) => {
    copyFileSync(POM, join(made, 'pom.xml'))
    const args = ['-q', '-B', '-f', join(made, 'pom.xml'), 'dependency:copy-dependencies']
    run('mvn', [...args, `-DoutputDirectory=${join(made, 'lib')}`])
    run('javac', ['-d', made, '-cp', join(made, 'lib', '*'), ...programs])
  })
  const classPath = [folder, APACHE_CONFIGURATION, join(folder, 'lib', '*')].join(':')
  return { file: 'java', args: ['-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Dzk.log=OFF', '-cp', classPath, name] }
}

function kazooProgram(name: 'recipes_peer' | 'party_peer' | 'contention_peer'): Command {
  return { file: kazooPython(), args: ['-u', join(SOURCES, 'python', `${name}.py`)] }
}

/** Registers instances and joins a group with Curator. */
export const curatorDiscovery = (): Command => curatorProgram('DiscoveryPeer')

/** Contend until they are killed. */
export const curatorContention = (): Command => curatorProgram('ContentionPeer')
export const kazooContention = (): Command => kazooProgram('contention_peer')

/** Joins parties with kazoo. */
export const kazooParty = (): Command => kazooProgram('party_peer')

export const RECIPE_PEERS: readonly RecipePeer[] = [
  { name: 'kazoo', layout: 'kazoo', prepare: () => kazooProgram('recipes_peer') },
  { name: 'curator', layout: 'curator', prepare: () => curatorProgram('RecipesPeer') },
]
