import type { JSX } from 'preact'
import { pathProblem } from '../api/paths.ts'
import { Icon } from '../shell/icons.tsx'
import { Problem } from '../shell/problem.tsx'
import { formatRoute, route } from '../shell/route.ts'
import { ZnodePage } from '../znode/znode-page.tsx'
import { TreeList } from './tree-list.tsx'

/** The tree, and beside it the znode that is looked at. Where there is room for one of them, it is the znode, if there is one. */
export function TreePage(): JSX.Element {
  const { path, tab } = route.value.parameters
  const problem = path === undefined ? null : pathProblem(path)
  if (problem !== null) {
    return (
      <div class="sheet">
        <Problem text={problem} />
        <a href={formatRoute('tree')}>Tree</a>
      </div>
    )
  }
  return (
    <div class={path === undefined ? 'split' : 'split chosen'}>
      <section class="pane list" aria-label="Tree">
        <TreeList selected={path ?? '/'} />
      </section>
      <section class="pane detail" aria-label="Znode">
        <a class="back" href={formatRoute('tree')}>
          <Icon name="back" />
          Tree
        </a>
        <ZnodePage key={path ?? '/'} path={path ?? '/'} tab={tab ?? 'data'} />
      </section>
    </div>
  )
}
