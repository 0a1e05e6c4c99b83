import { nameOf } from '@vivarium/client'
import type { Call, Command } from '../command.ts'
import { checkPath } from '../failure.ts'
import { childrenOf } from '../subtree.ts'

export const tree: Command = {
  name: 'tree',
  usage: '[-d depth] path',
  summary: 'draws a subtree',
  options: { d: true },
  atLeast: 1,
  async run(call) {
    const path = checkPath(call.words[0] as string)
    const depth = call.args.int('d') ?? Number.POSITIVE_INFINITY
    await call.zk.getData(path)
    call.print(path, path)
    await drawChildren(call, path, '', depth)
  },
}

async function drawChildren(call: Call, path: string, indent: string, depth: number): Promise<void> {
  if (depth <= 0) return
  const children = await childrenOf(call.zk, path)
  for (const [i, child] of children.entries()) {
    if (call.signal.aborted) return
    const isLast = i === children.length - 1
    call.print(`${indent}${isLast ? '└── ' : '├── '}${nameOf(child)}`, child)
    await drawChildren(call, child, `${indent}${isLast ? '    ' : '│   '}`, depth - 1)
  }
}
