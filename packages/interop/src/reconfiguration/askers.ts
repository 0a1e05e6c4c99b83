import { join } from 'node:path'
import { apacheJava } from '../apache.ts'
import { kazooPython } from '../clients/peers.ts'
import { runProgram } from '../clients/run-checks.ts'
import { PACKAGE, REPOSITORY } from '../install.ts'

/** A reconfiguration: changes, or all members anew. Lists have commas. */
export interface Wish {
  readonly joining?: string
  readonly leaving?: string
  readonly members?: string
}

/** A program that asks the server at an address of 127.0.0.1 for a reconfiguration, and prints what comes of it. */
export interface Asker {
  readonly name: string
  ask(port: number, wish: Wish): Promise<string>
}

function options({ joining, leaving, members }: Wish): string[] {
  return [
    ...(joining === undefined ? [] : ['-add', joining]),
    ...(leaving === undefined ? [] : ['-remove', leaving]),
    ...(members === undefined ? [] : ['-members', members]),
  ]
}

/** Apache's shell. */
export const ZK_CLI: Asker = {
  name: 'zkCli',
  async ask(port, wish) {
    const words = ['-server', `127.0.0.1:${port}`, 'reconfig', ...options(wish)]
    const args = apacheJava('org.apache.zookeeper.ZooKeeperMain', words, { 'zk.log': 'OFF' })
    return (await runProgram({ file: 'java', args }, [], '')).output
  },
}

/** Our command line. */
export const VIV: Asker = {
  name: 'vivarium',
  async ask(port, wish) {
    const program = join(REPOSITORY, 'packages', 'cli', 'bin', 'vivarium.js')
    const args = [program, '-server', `127.0.0.1:${port}`, 'reconfig', ...options(wish)]
    return (await runProgram({ file: process.execPath, args }, [], '')).output
  },
}

export const KAZOO: Asker = {
  name: 'kazoo',
  async ask(port, { joining = '', leaving = '', members = '' }) {
    const args = [join(PACKAGE, 'src', 'reconfiguration', 'python', 'reconfig.py'), `127.0.0.1:${port}`]
    return (await runProgram({ file: kazooPython(), args }, [joining, leaving, members], '')).output
  },
}
