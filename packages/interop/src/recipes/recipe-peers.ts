import { copyFileSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Layout } from '@vivarium/client/recipes'
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

/** The class path of Curator with our program, fetched with Maven the first time. */
function curatorClassPath(): string {
  const program = join(SOURCES, 'java', 'RecipesPeer.java')
  const folder = cached('curator', [readFileSync(POM, 'utf8'), readFileSync(program, 'utf8')], (made) => {
    copyFileSync(POM, join(made, 'pom.xml'))
    const args = ['-q', '-B', '-f', join(made, 'pom.xml'), 'dependency:copy-dependencies']
    run('mvn', [...args, `-DoutputDirectory=${join(made, 'lib')}`])
    run('javac', ['-d', made, '-cp', join(made, 'lib', '*'), program])
  })
  return [folder, join(PACKAGE, 'apache'), join(folder, 'lib', '*')].join(':')
}

export const RECIPE_PEERS: readonly RecipePeer[] = [
  {
    name: 'kazoo',
    layout: 'kazoo',
    prepare: () => ({ file: kazooPython(), args: ['-u', join(SOURCES, 'python', 'recipes_peer.py')] }),
  },
  {
    name: 'curator',
    layout: 'curator',
    prepare: () => ({
      file: 'java',
      args: ['-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Dzk.log=OFF', '-cp', curatorClassPath(), 'RecipesPeer'],
    }),
  },
]
