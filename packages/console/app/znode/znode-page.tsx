import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { account } from '../api/account.ts'
import { ancestors, nameOf, parentOf } from '../api/paths.ts'
import { mayWrite } from '../api/status.ts'
import type { AclEntry, Znode } from '../api/types.ts'
import { ZnodeRecipe } from '../recipes/znode-recipe.tsx'
import { WatchersOf } from '../sessions/watchers.tsx'
import { dialog } from '../shell/dialogs.ts'
import { count } from '../shell/format.ts'
import { Icon } from '../shell/icons.tsx'
import { Problem } from '../shell/problem.tsx'
import { go, znodeAddress } from '../shell/route.ts'
import { useShortcuts } from '../shell/shortcuts.tsx'
import { Tabs } from '../shell/tabs.tsx'
import { toast } from '../shell/toasts.tsx'
import { AclView } from './acl-view.tsx'
import { Editor } from './editor.tsx'
import { HistoryView } from './history-view.tsx'
import { kindOf } from './node-kind.ts'
import { mayDo, PERMISSION_NAMES, type Permission } from './permissions.ts'
import { StatView } from './stat-view.tsx'
import { useZnode, type ZnodeState } from './use-znode.ts'
import { ZnodeData } from './znode-data.tsx'

const TABS = {
  data: 'Data',
  stat: 'Stat',
  acl: 'ACL',
  recipe: 'Recipe',
  watchers: 'Watchers',
  history: 'History',
} as const
type Tab = keyof typeof TABS

/** One znode: what it is, what it has, and what can be done with it. */
export function ZnodePage({ path, tab }: { readonly path: string; readonly tab: string }): JSX.Element {
  const [state, refresh] = useZnode(path)
  const [edited, setEdited] = useState<Znode | null>(null)
  const shown = tab in TABS ? (tab as Tab) : 'data'
  const showTab = (next: string): void => go('tree', { path, tab: next === 'data' ? undefined : next }, true)
  useShortcuts({
    ...Object.fromEntries(Object.keys(TABS).map((name, at) => [String(at + 1), () => showTab(name)])),
    u: () => go('tree', { path: parentOf(path) }),
    y: () => void copy(path),
  })
  const done = (): void => {
    setEdited(null)
    refresh()
  }
  return (
    <article class="znode">
      <PathLine path={path} />
      {state.problem !== null && <Problem text={problemText(state)} />}
      {(state.problem === null || state.znode !== null) && (
        <Summary state={state} edit={() => setEdited(state.znode)} editing={edited !== null} />
      )}
      {edited !== null ? (
        <Editor znode={edited} current={state.znode} done={done} />
      ) : (
        <Tabs tabs={TABS} chosen={shown} choose={showTab}>
          {state.znode !== null && <Content tab={shown} znode={state.znode} acl={state.acl} refresh={refresh} />}
          {state.problem?.code === 'NoNode' && <OfAbsent tab={shown} path={path} />}
        </Tabs>
      )}
    </article>
  )
}

function Content({
  tab,
  znode,
  acl,
  refresh,
}: {
  readonly tab: Tab
  readonly znode: Znode
  readonly acl: readonly AclEntry[] | null
  readonly refresh: () => void
}): JSX.Element {
  switch (tab) {
    case 'data':
      return <ZnodeData data={znode.data} encoding={znode.encoding} />
    case 'stat':
      return <StatView stat={znode.stat} />
    case 'acl':
      return <AclView path={znode.path} acl={acl} version={znode.stat.aversion} refresh={refresh} />
    case 'recipe':
      return <ZnodeRecipe path={znode.path} revision={`${znode.stat.mzxid} ${znode.stat.pzxid}`} />
    case 'watchers':
      return <WatchersOf path={znode.path} />
    case 'history':
      return <HistoryView path={znode.path} revision={znode.stat.mzxid} />
  }
}

/** Of a znode that is not there it may be told what it was, and who waits for it. */
function OfAbsent({ tab, path }: { readonly tab: Tab; readonly path: string }): JSX.Element {
  if (tab === 'history') return <HistoryView path={path} revision="" />
  if (tab === 'watchers') return <WatchersOf path={path} />
  return (
    <p class="empty">
      What it was may be in its <a href={znodeAddress(path, 'history')}>history</a>.
    </p>
  )
}

/** The path, each part of which leads to its znode. */
function PathLine({ path }: { readonly path: string }): JSX.Element {
  return (
    <header class="path">
      <nav aria-label="Path">
        <ol>
          {ancestors(path).map((part) => (
            <li key={part}>
              <a href={znodeAddress(part)} aria-current={part === path ? 'location' : undefined}>
                <bdi>{part === '/' ? '/' : nameOf(part)}</bdi>
              </a>
            </li>
          ))}
        </ol>
      </nav>
      <button type="button" class="quiet" onClick={() => void copy(path)} title="Copy the path (y)">
        <Icon name="copy" />
        <span class="unseen">Copy the path</span>
      </button>
    </header>
  )
}

interface SummaryProperties {
  readonly state: ZnodeState
  readonly editing: boolean
  readonly edit: () => void
}

function Summary({ state: { znode, acl, changes }, editing, edit }: SummaryProperties): JSX.Element {
  const why = (permission: Permission): string | null => {
    if (account.value === null) return 'Sign in to change something.'
    if (!mayWrite()) return 'The ensemble takes no writes from here.'
    return mayDo(permission, acl, account.value.identities) ? null : `You may not ${PERMISSION_NAMES[permission]} here.`
  }
  const path = znode?.path ?? '/'
  // Who may delete it is said by its parent's ACL: only the server knows.
  const reasons = { edit: why('w'), create: why('c'), remove: mayWrite() ? null : why('d') }
  /** By a key, too, which says why it cannot be. */
  const unless = (reason: string | null, act: (current: Znode) => void) => (): void => {
    if (reason !== null) toast(reason)
    else if (znode !== null && !editing) act(znode)
  }
  const change = unless(reasons.edit, edit)
  const create = unless(reasons.create, () => {
    dialog.value = { kind: 'create', parent: path }
  })
  const remove = unless(reasons.remove, (current) => {
    if (path !== '/') dialog.value = { kind: 'delete', znode: current }
  })
  useShortcuts({ e: change, c: create, d: remove })
  const stat = znode?.stat
  return (
    <div class="summary">
      <p class="facts">
        {stat !== undefined && (
          <>
            <span class="badge">{kindOf(stat)}</span>
            <span key={changes} class={changes > 0 ? 'fact changed' : 'fact'}>
              version <b>{stat.version}</b>
            </span>
            <span class="fact">
              <b>{count(stat.numChildren)}</b> {stat.numChildren === 1 ? 'child' : 'children'}
            </span>
            <span class="fact">
              <b>{count(stat.dataLength)}</b> {stat.dataLength === 1 ? 'byte' : 'bytes'}
            </span>
          </>
        )}
      </p>
      <div class="actions">
        <Action text="Edit" hint="e" why={reasons.edit} disabled={znode === null || editing} act={change} />
        <Action text="Create child" hint="c" why={reasons.create} disabled={znode === null} act={create} />
        <Action text="Delete" hint="d" why={reasons.remove} disabled={znode === null || path === '/'} act={remove} />
      </div>
    </div>
  )
}

interface ActionProperties {
  readonly text: string
  readonly hint: string
  /** Why it cannot be done; null: it can. */
  readonly why: string | null
  readonly disabled: boolean
  readonly act: () => void
}

/** What cannot be done says why, to those who come by with the keyboard, too: so it is not taken out of their way. */
function Action({ text, hint, why, disabled, act }: ActionProperties): JSX.Element {
  const off = disabled || why !== null
  return (
    <button type="button" aria-disabled={off} title={why ?? `${text} (${hint})`} onClick={off ? undefined : act}>
      {text}
    </button>
  )
}

async function copy(path: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(path)
    toast('The path is copied.')
  } catch {
    toast('The browser does not let the console copy.')
  }
}

function problemText({ problem }: ZnodeState): string {
  if (problem?.code === 'NoNode') return 'There is no such znode. If it is created, it will show here.'
  if (problem?.code === 'NoAuth') return 'The ACL of this znode does not let you read it. Sign in as somebody who may.'
  return problem?.message ?? ''
}
