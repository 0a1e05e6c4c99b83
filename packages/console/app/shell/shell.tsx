import type { ComponentType, JSX } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { account } from '../api/account.ts'
import { live } from '../api/event-stream.ts'
import { status, statusProblem } from '../api/status.ts'
import { AuditPage } from '../audit/audit-page.tsx'
import { EnsemblePage } from '../ensemble/ensemble-page.tsx'
import { MetricsPage } from '../metrics/metrics-page.tsx'
import { RecipesPage } from '../recipes/recipes-page.tsx'
import { SearchPage } from '../search/search-page.tsx'
import { SessionsPage } from '../sessions/sessions-page.tsx'
import { TreePage } from '../tree/tree-page.tsx'
import { CreateDialog } from '../znode/create-dialog.tsx'
import { DeleteDialog } from '../znode/delete-dialog.tsx'
import { connectionState } from './connection-state.ts'
import { dialog } from './dialogs.ts'
import { Icon } from './icons.tsx'
import { formatRoute, route, VIEWS, type View } from './route.ts'
import { Shortcuts } from './shortcuts.tsx'
import { SignIn, signOut } from './sign-in.tsx'
import { nextTheme, theme } from './theme.ts'
import { Toasts } from './toasts.tsx'

const PAGES: Readonly<Record<View, { readonly title: string; readonly Page: ComponentType }>> = {
  tree: { title: 'Tree', Page: TreePage },
  search: { title: 'Search', Page: SearchPage },
  recipes: { title: 'Recipes', Page: RecipesPage },
  sessions: { title: 'Sessions', Page: SessionsPage },
  ensemble: { title: 'Ensemble', Page: EnsemblePage },
  metrics: { title: 'Metrics', Page: MetricsPage },
  audit: { title: 'Audit', Page: AuditPage },
}

/** Everything: the bar on top, where one can go, and where one is. */
export function Shell(): JSX.Element {
  const { view, parameters } = route.value
  const { title, Page } = PAGES[view]
  const subject = view === 'tree' ? (parameters.path ?? '/') : (parameters.session ?? title)
  useEffect(() => {
    document.title = `${subject} · Vivarium`
  }, [subject])
  const shown = useRef(subject)
  useEffect(() => {
    // What had the focus may be gone with the page that was left: then keys go on with the one that is there.
    if (shown.current !== subject && document.activeElement === document.body) goTo(document.getElementById('main')!)
    shown.current = subject
  }, [subject])
  return (
    <>
      <button type="button" class="skip" onClick={() => document.getElementById('main')?.focus()}>
        Skip to content
      </button>
      <TopBar />
      <Navigation view={view} />
      <main id="main" tabIndex={view === 'metrics' ? 0 : -1} class={`page ${view}`}>
        <h1 class="unseen">{title}</h1>
        <Page />
      </main>
      <Dialogs />
      <Toasts />
    </>
  )
}

/** Gives the focus to where one has come, which need not be marked: it is all that there is to see. */
function goTo(page: HTMLElement): void {
  page.dataset.arrived = ''
  page.addEventListener('blur', () => delete page.dataset.arrived, { once: true })
  page.focus()
}

function TopBar(): JSX.Element {
  return (
    <header class="top">
      <a class="brand" href={formatRoute('tree')}>
        <img src="icon.svg" alt="" width="24" height="24" />
        Vivarium
      </a>
      <Connection />
      <div class="tools">
        <button type="button" class="quiet" onClick={nextTheme} title="Dark, light, or as the system (t)">
          <Icon name={theme.value} />
          <span class="unseen">Theme: {theme.value}</span>
        </button>
        <button type="button" class="quiet" onClick={() => (dialog.value = { kind: 'shortcuts' })} title="Keyboard (?)">
          <span aria-hidden="true">?</span>
          <span class="unseen">Keyboard</span>
        </button>
        <AccountButton />
      </div>
    </header>
  )
}

function AccountButton(): JSX.Element {
  if (account.value !== null) {
    return (
      <button
        type="button"
        onClick={signOut}
        aria-label={`${account.value.user}: sign out`}
        title="Forget user and password"
      >
        <Icon name="key" />
        <span class="who">{account.value.user}</span>
        <span class="narrow-unseen">· sign out</span>
      </button>
    )
  }
  return (
    <button type="button" class="primary" onClick={() => (dialog.value = { kind: 'sign-in' })} title="Sign in (i)">
      Sign in
    </button>
  )
}

/** Where it is connected to, and how that does. */
function Connection(): JSX.Element {
  const known = status.value
  const { look, text } = connectionState(statusProblem.value, known, live.value)
  return (
    <p class="connection" title={text} role="status">
      <span class={`dot ${look}`} aria-hidden="true" />
      <span class="text">{text}</span>
      {known?.state === 'read-only' && <span class="badge warn">cut off: read-only</span>}
      {known?.readOnly === true && <span class="badge">this gateway only reads</span>}
      {account.value === null && <span class="badge narrow-unseen">looking only</span>}
    </p>
  )
}

function Navigation({ view }: { readonly view: View }): JSX.Element {
  const current = useRef<HTMLAnchorElement>(null)
  useEffect(() => current.current?.scrollIntoView({ block: 'nearest', inline: 'nearest' }), [view])
  return (
    <nav class="rail" aria-label="Views">
      {VIEWS.map((name) => (
        <a
          key={name}
          ref={name === view ? current : null}
          href={formatRoute(name)}
          aria-current={name === view ? 'page' : undefined}
        >
          <Icon name={name} />
          {PAGES[name].title}
        </a>
      ))}
    </nav>
  )
}

function Dialogs(): JSX.Element | null {
  const open = dialog.value
  switch (open?.kind) {
    case 'sign-in':
      return <SignIn />
    case 'shortcuts':
      return <Shortcuts />
    case 'create':
      return <CreateDialog parent={open.parent} />
    case 'delete':
      return <DeleteDialog path={open.znode.path} stat={open.znode.stat} />
    case undefined:
      return null
  }
}
