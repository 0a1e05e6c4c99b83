import type { Command } from '../command.ts'
import { addWatch } from './add-watch.ts'
import { addauth } from './addauth.ts'
import { bench } from './bench.ts'
import { config } from './config.ts'
import { cp } from './cp.ts'
import { create } from './create.ts'
import { deleteOne } from './delete.ts'
import { deleteall } from './deleteall.ts'
import { delquota } from './delquota.ts'
import { diff } from './diff.ts'
import { elect } from './elect.ts'
import { exportTree } from './export.ts'
import { find } from './find.ts'
import { get } from './get.ts'
import { getAcl } from './get-acl.ts'
import { getAllChildrenNumber } from './get-all-children-number.ts'
import { getEphemerals } from './get-ephemerals.ts'
import { helpFor } from './help.ts'
import { importTree } from './import.ts'
import { listquota } from './listquota.ts'
import { lock } from './lock.ts'
import { ls } from './ls.ts'
import { mv } from './mv.ts'
import { reconfig } from './reconfig.ts'
import { removewatches } from './removewatches.ts'
import { SESSION_COMMANDS } from './session.ts'
import { set } from './set.ts'
import { setAcl } from './set-acl.ts'
import { setquota } from './setquota.ts'
import { stat } from './stat.ts'
import { status } from './status.ts'
import { sync } from './sync.ts'
import { tree } from './tree.ts'
import { version } from './version.ts'
import { watch } from './watch.ts'
import { whoami } from './whoami.ts'

/** Those of zkCli. */
const ZKCLI_COMMANDS: readonly Command[] = [
  addWatch,
  addauth,
  config,
  create,
  deleteOne,
  deleteall,
  delquota,
  get,
  getAcl,
  getAllChildrenNumber,
  getEphemerals,
  listquota,
  ls,
  reconfig,
  removewatches,
  set,
  setAcl,
  setquota,
  stat,
  sync,
  version,
  whoami,
  ...SESSION_COMMANDS,
]

/** Those that zkCli lacks. */
const OWN_COMMANDS: readonly Command[] = [
  bench,
  cp,
  diff,
  elect,
  exportTree,
  find,
  helpFor(() => COMMANDS),
  importTree,
  lock,
  mv,
  status,
  tree,
  watch,
]

const byName = new Map([...ZKCLI_COMMANDS, ...OWN_COMMANDS].map((command) => [command.name, command]))

export const findCommand = (name: string): Command | undefined => byName.get(name)

/** All commands, in Java's order of their names. */
export const COMMANDS: readonly Command[] = [...byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
