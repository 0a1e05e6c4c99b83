import assert from 'node:assert/strict'
import { after, before, type TestContext, test } from 'node:test'
import { Perm, READ_ACL_UNSAFE, type Session } from '@vivarium/client'
import { Mutex } from '@vivarium/client/recipes'
import type { Browser, Locator } from 'playwright-core'
import { violations } from '../dist/console/accessibility.js'
import { startBrowser } from '../dist/console/browser.js'
import { picture } from '../dist/console/pictures.js'
import { apacheServer, ourElectorate, ourEnsemble, ourServer, type Place } from '../dist/console/places.js'
import { CONFIG, ELECTION, HOSTILE_NAMES, HOW_MANY, LOCK, MANY, Scene } from '../dist/console/scene.js'
import { DESK, type Screen, Visit } from '../dist/console/visit.js'
import type { Member } from '../dist/ensembles/ensemble.js'
import { VIVARIUM } from '../dist/server-process.js'
import { Suite } from '../dist/suite.js'

// The console in a browser: before our server, an ensemble, and Apache's server.

const suite = new Suite('console')
const PLACES = { 'our server': ourServer, 'an ensemble of ours': ourEnsemble, "Apache's server": apacheServer } as const
/** A newcomer has a minute; and machines are slow at times. */
const PATIENCE = { timeout: 300_000 }

let browser: Browser | null = null

before(async () => {
  browser = await startBrowser().catch(() => null)
})
after(() => browser?.close())

/** Runs a test in the browser, before servers that have the scene. */
async function at(
  context: TestContext,
  start: () => Promise<Place>,
  body: (place: Place, scene: Scene, begin: (screen?: Screen) => Promise<Visit>) => Promise<string[]>,
): Promise<void> {
  await suite.withPeers(context, async () => {
    browser ??= await startBrowser()
    await using place = await start()
    await using scene = await Scene.set(place.servers)
    const visits: Visit[] = []
    const begin = async (screen?: Screen): Promise<Visit> => {
      const visit = await Visit.begin(browser as Browser, place.url, screen)
      visit.page.setDefaultTimeout(30_000)
      visits.push(visit)
      return visit
    }
    try {
      const complaints = await body(place, scene, begin)
      complaints.push(...visits.flatMap((visit) => visit.complaints))
      suite.report(1, complaints)
    } finally {
      for (const visit of visits) await visit[Symbol.asyncDispose]()
    }
  })
}

const recipe = ({ page }: Visit, path: string): Locator => page.locator('.recipe', { hasText: path })

/** What cannot be done at a moment, as a znode has not been read yet, is done when it can be. */
async function press({ page }: Visit, key: string): Promise<void> {
  await page.locator('.actions [aria-disabled="false"]').nth(2).waitFor()
  await page.keyboard.press(key)
}

for (const [name, start] of Object.entries(PLACES)) {
  test(`a newcomer finds a znode, changes it, and sees a lock's queue and the leader: ${name}`, PATIENCE, (t) =>
    at(t, start, async (_place, { zk }, begin) => {
      const visit = await begin()
      const { page } = visit
      // What was written through one member may come to another later.
      const written = async (): Promise<string> => {
        await zk.sync(CONFIG)
        return (await zk.getData(CONFIG)).data.toString()
      }
      await visit.to('')
      await page.getByRole('link', { name: 'Search' }).click()
      await page.getByLabel('Name has').fill('orders')
      await page.getByLabel('Name has').press('Enter')
      await page.getByRole('link', { name: CONFIG }).click()
      await page.getByRole('button', { name: 'Edit' }).waitFor()
      assert.equal(await page.getByRole('button', { name: 'Edit' }).getAttribute('aria-disabled'), 'true')
      await visit.signIn()
      await page.getByRole('button', { name: 'Edit' }).click()
      const data = page.getByRole('textbox', { name: 'Data', exact: true })
      await data.fill((await data.inputValue()).replace('"replicas":3', '"replicas":5'))
      await page.getByRole('button', { name: 'Review the change' }).click()
      await page.locator('ins', { hasText: '"replicas": 5' }).waitFor()
      assert.match(await written(), /"replicas":3/)
      await page.getByRole('button', { name: 'Apply over version 0' }).click()
      await page.getByRole('status').getByText('Changed: version 1.').waitFor()
      assert.match(await written(), /"replicas":5/)
      await page.getByRole('link', { name: 'Recipes' }).click()
      const lock = recipe(visit, LOCK)
      await lock.locator('.holder', { hasText: 'worker-1' }).waitFor()
      await lock.locator('.others li').nth(1).waitFor()
      await lock.locator('.fence code', { hasText: '0x' }).waitFor()
      await recipe(visit, ELECTION).locator('.holder', { hasText: 'scheduler-a' }).waitFor()
      await page.locator('.recipe.group', { hasText: 'host-7' }).waitFor()
      await page.locator('.recipe.service', { hasText: 'payments' }).waitFor()
      return []
    }),
  )
}

test('changes show as they are made, and nothing is read that is not on the screen', PATIENCE, (t) =>
  at(t, ourServer, async (_place, { zk }, begin) => {
    const visit = await begin()
    const { page } = visit
    const read = new Set<string>()
    page.on('request', (request) => {
      const { pathname, searchParams } = new URL(request.url())
      if (!pathname.endsWith('/events')) for (const path of searchParams.getAll('path')) read.add(path)
    })
    await visit.to(`tree?path=${CONFIG}`)
    const row = page.locator(`[data-path="${CONFIG}"]`)
    await row.waitFor()
    await page.locator('.connection .dot.good').waitFor()
    // The stream begins a moment after the page: a change is made until one is seen.
    const changes = setInterval(() => void zk.setData(CONFIG, Buffer.from('{"live":true}')).catch(() => {}), 300)
    await page.locator('pre.code', { hasText: '"live"' }).waitFor()
    await row.and(page.locator('.changed')).waitFor()
    clearInterval(changes)
    await zk.create('/shop/config/added')
    await page.locator('[data-path="/shop/config/added"]').waitFor()
    await zk.delete('/shop/config/added')
    await page.locator('[data-path="/shop/config/added"]').waitFor({ state: 'detached' })
    // The znode, and what is open above it: nothing of what stands beside them in the tree.
    assert.deepEqual([...read].sort(), ['/', '/shop', '/shop/config', CONFIG])
    return []
  }),
)

test('a folder of thousands scrolls to its end, and has the rows that are seen', PATIENCE, (t) =>
  at(t, ourServer, async (_place, _scene, begin) => {
    const visit = await begin()
    const { page } = visit
    await visit.to(`tree?path=${MANY}`)
    const tree = page.getByRole('tree')
    await page.locator(`[data-path="${MANY}"]`).waitFor()
    await tree.focus()
    await tree.press('ArrowRight')
    await page.locator(`[data-path="${MANY}/cart-00000"]`).waitFor()
    await visit.to(`tree?path=${MANY}/cart-${String(HOW_MANY - 1).padStart(5, '0')}`)
    await page.locator(`[data-path="${MANY}/cart-${String(HOW_MANY - 1).padStart(5, '0')}"]`).waitFor()
    const rows = await page.locator('.tree-row').count()
    return rows > 80 ? [`there are ${rows} rows`] : []
  }),
)

test('who was faster is not overwritten', PATIENCE, (t) =>
  at(t, ourServer, async (_place, { zk }, begin) => {
    const visit = await begin()
    const { page } = visit
    await visit.to(`tree?path=${CONFIG}`)
    await visit.signIn()
    await page.locator('pre.code').waitFor()
    await page.getByRole('button', { name: 'Edit' }).click()
    await page.getByRole('textbox', { name: 'Data', exact: true }).fill('mine')
    await zk.setData(CONFIG, Buffer.from('theirs'))
    await page.getByText('It has changed while you edit').waitFor()
    await page.getByRole('button', { name: 'Review the change' }).click()
    await page.getByRole('button', { name: 'Apply over version 0' }).click()
    await page.getByText('nothing was written').waitFor()
    assert.equal((await zk.getData(CONFIG)).data?.toString(), 'theirs')
    return []
  }),
)

test('an edit changes nothing but what is edited, however lines end', PATIENCE, (t) =>
  at(t, ourServer, async (_place, { zk }, begin) => {
    const before = 'a=1\r\nb=\u0000\u001b[31m\u202e\r\n\r\nc=3\r\n'
    const path = '/shop/config/windows'
    await zk.create(path, { data: before })
    await zk.create('/shop/config/mixed', { data: 'one\r\ntwo\nthree\r' })
    const visit = await begin()
    const { page } = visit
    await visit.to(`tree?path=${path}`)
    await visit.signIn()
    await press(visit, 'e')
    const data = page.getByRole('textbox', { name: 'Data', exact: true })
    await data.waitFor()
    await page.keyboard.press('Control+End')
    await page.keyboard.type('d=4')
    await page.getByRole('button', { name: 'Review the change' }).click()
    assert.equal(await page.locator('ins').count(), 1)
    assert.equal(await page.locator('del').count(), 0)
    await page.getByRole('button', { name: 'Apply over version 0' }).click()
    await page.getByRole('status').getByText('Changed: version 1.').waitFor()
    assert.equal((await zk.getData(path)).data.toString(), `${before}d=4`)
    // What a field would change is edited byte by byte.
    await visit.to('tree?path=/shop/config/mixed')
    await page.locator('.path a[aria-current]', { hasText: 'mixed' }).waitFor()
    await press(visit, 'e')
    await page.getByRole('textbox', { name: 'Data in hex' }).waitFor()
    return await violations(page)
  }),
)

test('who has signed in may do what the ACL grants, and no more', PATIENCE, (t) =>
  at(t, ourServer, async (_place, { zk }, begin) => {
    const locked = '/shop/config/locked'
    await zk.create(locked, { data: 'as it was', acl: READ_ACL_UNSAFE })
    const visit = await begin()
    const { page } = visit
    await visit.to(`tree?path=${locked}`)
    await visit.signIn()
    await page.locator('.actions [title="You may not write here."]').waitFor()
    await page.keyboard.press('e')
    await page.getByText('You may not write here.').waitFor()
    assert.equal(await page.getByRole('textbox', { name: 'Data', exact: true }).count(), 0)
    // Nor does it help to pass the console by.
    const status = await page.evaluate<number>(`fetch('../api/v1/znode?path=${locked}', {
      method: 'PUT', body: '{"data":"x"}',
      headers: { 'content-type': 'application/json', authorization: 'Basic ' + btoa('ann:secret') },
    }).then(({ status }) => status)`)
    assert.equal(status, 403)
    assert.equal((await zk.getData(locked)).data.toString(), 'as it was')
    return []
  }),
)

test('the keyboard does it all: a znode is found, opened, looked at and changed', PATIENCE, (t) =>
  at(t, ourServer, async (_place, { zk }, begin) => {
    const visit = await begin()
    const { page } = visit
    const { keyboard } = page
    const type = async (...keys: string[]): Promise<void> => {
      for (const key of keys) await keyboard.press(key)
    }
    const tabTo = async (selector: string, hasText?: string): Promise<void> => {
      const focused = page.locator(`${selector}:focus`, hasText === undefined ? {} : { hasText })
      for (let tabs = 0; (await focused.count()) === 0; tabs++) {
        if (tabs > 30) assert.fail(`${hasText ?? selector} is not reached`)
        await type('Tab')
      }
    }
    const arrived = (path: string): Promise<void> => page.locator(`.tree-row.active[data-path="${path}"]`).waitFor()
    await visit.to('')
    await page.locator('[data-path="/shop"]').waitFor()
    await type('i')
    await page.getByLabel('User').waitFor()
    await keyboard.type('ann')
    await type('Tab')
    await keyboard.type('secret')
    await type('Enter')
    await page.getByRole('button', { name: 'sign out' }).waitFor()
    await page.locator('[data-path="/shop"]').waitFor()
    await tabTo('[role="tree"]')
    await type('Shift+S')
    await arrived('/shop')
    await type('ArrowRight')
    await page.locator('[data-path="/shop/config"]').waitFor()
    await type('Shift+C', 'Shift+C')
    await arrived('/shop/config')
    await type('ArrowRight')
    await page.locator(`[data-path="${CONFIG}"]`).waitFor()
    await type('Shift+O', 'Enter')
    await page.locator('pre.json').waitFor()
    await type('2')
    await page.locator('.facts-table td').first().waitFor()
    await type('1', 'e')
    await page.locator('textarea:focus').waitFor()
    await type('Control+A')
    await keyboard.type('typed')
    await tabTo('button', 'Review the change')
    await type('Enter')
    await page.locator('ins', { hasText: 'typed' }).waitFor()
    await tabTo('button', 'Apply over version 0')
    await type('Enter')
    await page.getByRole('status').getByText('Changed: version 1.').waitFor()
    assert.equal((await zk.getData(CONFIG)).data.toString(), 'typed')
    await type('g', 'e')
    await page.locator('.card.member').waitFor()
    // What had the focus is gone: the keys go on where one is now.
    await page.locator('main:focus').waitFor()
    return []
  }),
)

test('a znode is created, and one with others below it deleted once that is understood', PATIENCE, (t) =>
  at(t, ourServer, async (_place, { zk }, begin) => {
    const visit = await begin()
    const { page } = visit
    await visit.to('tree?path=/shop')
    await visit.signIn()
    await press(visit, 'c')
    await page.getByLabel('Name').fill('made/here')
    await page.getByRole('dialog').getByRole('button', { name: 'Create' }).click()
    await page.locator('.path', { hasText: 'here' }).waitFor()
    assert.ok(await zk.exists('/shop/made/here'))
    await press(visit, 'c')
    await page.getByLabel('Name').waitFor()
    // At once after a dialog is closed, before the browser has drawn anything, a key means what is shown again.
    await page.evaluate(`(() => {
      const field = document.querySelector('dialog input')
      field.closest('dialog').close()
      field.dispatchEvent(new KeyboardEvent('keydown', { key: 'd', bubbles: true }))
    })()`)
    await page.getByRole('dialog').getByRole('heading', { name: 'Delete' }).waitFor()
    await page.keyboard.press('Escape')
    await visit.to('tree?path=/shop/made')
    await page.locator('.path a[aria-current]', { hasText: 'made' }).waitFor()
    await page.locator('.facts', { hasText: '1 child' }).waitFor()
    await press(visit, 'd')
    const sure = page.getByRole('button', { name: 'Delete with all below' })
    await sure.waitFor()
    assert.ok(await sure.isDisabled())
    await page.getByLabel('Write made to delete').fill('made')
    await sure.click()
    await page.getByRole('status').getByText('Deleted /shop/made.').waitFor()
    assert.equal(await zk.exists('/shop/made'), null)
    return []
  }),
)

test('whoever does not answer is not taken for a server that has nothing', PATIENCE, (t) =>
  at(t, ourServer, async (_place, _scene, begin) => {
    const visit = await begin()
    const { page } = visit
    const [recipes, sessions, znode] = [await begin(), await begin(), await begin()]
    await visit.to('search')
    await recipes.to('recipes?root=/shop')
    await recipe(recipes, LOCK).locator('.holder').waitFor()
    await sessions.to('sessions')
    await sessions.page.locator('tbody td').first().waitFor()
    await znode.to('tree?path=/shop')
    await znode.signIn()
    await znode.page.locator('.actions [aria-disabled="false"]').nth(2).waitFor()
    for (const { page } of [visit, recipes, sessions, znode]) await page.route('**/api/**', (route) => route.abort())
    await page.getByLabel('Name has').fill('orders')
    await page.getByLabel('Name has').press('Enter')
    for (const visited of [visit, recipes, sessions]) {
      await visited.page.locator('main .problem', { hasText: 'The server does not answer.' }).waitFor()
    }
    await page.getByText('The server does not answer.').first().waitFor()
    assert.equal(await page.getByText('that is all').count(), 0)
    await sessions.page.getByText('What is shown here is what was told last').waitFor()
    await press(znode, 'd')
    await znode.page.getByRole('dialog').getByText('The server does not answer.').waitFor()
    assert.ok(await znode.page.getByRole('dialog').getByRole('button', { name: 'Delete' }).isDisabled())
    for (const { page } of [visit, recipes, sessions, znode]) await page.unroute('**/api/**')
    await page.getByRole('button', { name: 'Try again' }).click()
    await page.getByText('1 found').waitFor()
    await sessions.page.locator('main .problem').waitFor({ state: 'detached' })
    await recipes.page.locator('main .problem').waitFor({ state: 'detached' })
    return []
  }),
)

test('without a quorum the console says so, and offers no changes', PATIENCE, (t) =>
  at(t, ourServer, async (_place, _scene, begin) => {
    const visit = await begin()
    const { page } = visit
    // As a member says it whose leader is gone.
    await page.route('**/api/v1/status', async (route) => {
      const response = await route.fetch()
      const json = (await response.json()) as Record<string, unknown>
      await route.fulfill({ response, json: { ...json, state: 'suspended', writable: false } })
    })
    await visit.to(`tree?path=${CONFIG}`)
    await visit.signIn()
    await page.locator('.dot.bad').waitFor()
    await page.locator('.connection', { hasText: 'No server of' }).waitFor()
    await page.locator('.actions [title="The ensemble takes no writes from here."]').nth(2).waitFor()
    return []
  }),
)

test('who has left a lock is not shown as its holder, and what was deleted has a history', PATIENCE, (t) =>
  at(t, ourServer, async (_place, { zk }, begin) => {
    const visit = await begin()
    const { page } = visit
    const path = '/shop/locks/short'
    const lock = await new Mutex(zk, path, { data: 'somebody' }).acquire()
    await visit.to('recipes?root=/shop/locks')
    await recipe(visit, path).locator('.holder', { hasText: 'somebody' }).waitFor()
    await lock.release()
    await recipe(visit, path).getByText('Nobody is there.').waitFor()
    await zk.delete(path)
    await visit.to(`tree?path=${path}`)
    await visit.signIn()
    await page.getByText('There is no such znode').waitFor()
    await page.getByRole('link', { name: 'history', exact: true }).click()
    await page.locator('.timeline li', { hasText: 'delete' }).waitFor()
    return []
  }),
)

test('what an ACL keeps from somebody is not passed over in silence', PATIENCE, (t) =>
  at(t, ourServer, async (_place, { zk }, begin) => {
    const hidden = '/shop/hidden'
    await zk.create(hidden, { acl: [{ perms: Perm.ALL & ~Perm.READ, id: { scheme: 'world', id: 'anyone' } }] })
    await zk.create(`${hidden}/below`)
    const visit = await begin()
    const { page } = visit
    await visit.to('search?q=below&root=/shop')
    await page.getByText('all but what is below 1 znode whose ACL keeps it from you').waitFor()
    await visit.to('tree?path=/shop')
    await page.getByRole('tree').focus()
    await page.locator('[data-path="/shop"]').click()
    await page.keyboard.press('ArrowRight')
    await page.locator(`[data-path="${hidden}"]`, { hasText: 'no access' }).waitFor()
    await page.locator('[data-path="/shop/config"]').waitFor()
    await visit.signIn()
    await press(visit, 'd')
    await page.getByText('Some of what is below it is kept from you').waitFor()
    await page.getByLabel('Write shop to delete').fill('shop')
    assert.ok(await page.getByRole('button', { name: 'Delete with all below' }).isDisabled())
    return await violations(page)
  }),
)

test('what stands in znodes is shown, and never run; nor does it matter what an address says', PATIENCE, (t) =>
  at(t, ourServer, async (_place, _scene, begin) => {
    const visit = await begin()
    const { page } = visit
    const folder = '/shop/config/hostile'
    for (const name of HOSTILE_NAMES) {
      await visit.to(`tree?path=${encodeURIComponent(`${folder}/${name}`)}`)
      await page.locator('pre.code', { hasText: '<script>' }).waitFor()
      await page.locator('.tree-row.selected', { hasText: name }).waitFor()
    }
    await visit.to(`search?q=harmed&root=${folder}`)
    await page.locator('.hits a').nth(3).waitFor()
    for (const hash of [
      `tree?path=${'/x'.repeat(100_000)}`,
      `tree?path=/${'x'.repeat(50_000)}`,
      'tree?path=../..&tab=constructor',
      `search?q=${'%3Cimg%20src=x%20onerror=window.harmed=1%3E'.repeat(100)}`,
      'sessions?session=<script>',
      'recipes?root=//',
      `${'%'.repeat(5000)}`,
    ]) {
      await visit.to(hash)
      await page.getByRole('navigation', { name: 'Views' }).waitFor()
    }
    const harmed = await page.evaluate('window.harmed')
    return harmed === undefined ? [] : ['a script of a znode was run']
  }),
)

test('other sites can neither change nor read anything, nor show the console in a frame', PATIENCE, (t) =>
  at(t, ourServer, async ({ url }, { zk }, begin) => {
    const visit = await begin()
    const { origin } = new URL(url)
    // A page of another origin: that of this name is another one than that of the address.
    await visit.page.goto(url.replace('127.0.0.1', 'localhost'))
    const outcome = (await visit.page.evaluate(`(async () => {
      const told = []
      const attempts = {
        read: ['${origin}/api/v1/znode?path=${CONFIG}', {}],
        sessions: ['${origin}/api/v1/server/sessions', {}],
        remove: ['${origin}/api/v1/znode?path=${CONFIG}', { method: 'DELETE' }],
        text: ['${origin}/api/v1/znode?path=/harmed', { method: 'POST', body: '{}', mode: 'no-cors' }],
      }
      for (const [name, [address, init]] of Object.entries(attempts)) {
        const answer = await fetch(address, init).then((response) => response.text(), () => '')
        if (answer !== '') told.push(name + ' was answered')
      }
      const frame = document.createElement('iframe')
      frame.src = '${url}'
      document.body.append(frame)
      await new Promise((resolve) => { frame.onload = resolve })
      try {
        if (frame.contentDocument !== null) told.push('the frame can be looked into')
      } catch {}
      return told
    })()`)) as string[]
    assert.equal(await zk.exists('/harmed'), null)
    assert.notEqual(await zk.exists(CONFIG), null)
    // The page's own policy has stopped much of it before the server could.
    visit.complaints.length = 0
    return outcome
  }),
)

const TWO_SCREENS: readonly Screen[] = (['light', 'dark'] as const).flatMap((scheme) => [
  { ...DESK, scheme },
  { width: 400, height: 800, scheme },
])

/** Each view, and what is there once it has something to show. */
const VIEWS: readonly (readonly [name: string, hash: string, shown: string])[] = [
  ['tree', 'tree', '[data-path="/shop"]'],
  ['znode', `tree?path=${CONFIG}`, 'pre.json'],
  ['hex', 'tree?path=/shop/config/logo', 'pre.hex'],
  ['stat', `tree?path=${CONFIG}&tab=stat`, '.facts-table td'],
  ['acl', `tree?path=${CONFIG}&tab=acl`, '.facts-table td'],
  ['recipe', `tree?path=${LOCK}&tab=recipe`, '.recipe .others li'],
  ['watchers', `tree?path=${CONFIG}&tab=watchers`, '.facts-table td'],
  ['history', 'tree?path=/shop/config/banner&tab=history', '.timeline .diff'],
  ['search', 'search?q=cart-0000&root=/shop', '.hits li'],
  ['recipes', 'recipes?root=/shop', '.recipe .holder'],
  ['sessions', 'sessions', 'tbody td'],
  ['ensemble', 'ensemble', '.card.member dd'],
  ['metrics', 'metrics', '.chart b:text-matches("^[0-9.]+ /s$")'],
  ['audit', 'audit', 'tbody td'],
]

for (const screen of TWO_SCREENS) {
  test(`nobody is kept out: ${screen.scheme}, ${screen.width} pixels wide`, PATIENCE, (t) =>
    at(t, ourServer, async (_place, { zk }, begin) => {
      const visit = await begin(screen)
      const { page } = visit
      const complaints: string[] = []
      const look = async (name: string): Promise<void> => {
        await picture(page, `${name}-${screen.width}-${screen.scheme}`)
        const wide = await page.evaluate<boolean>('document.documentElement.scrollWidth > innerWidth')
        if (wide) complaints.push(`${name}: it is wider than the screen`)
        complaints.push(...(await violations(page)).map((violation) => `${name}: ${violation}`))
      }
      await visit.to('')
      await visit.signIn()
      for (const [name, hash, shown] of VIEWS) {
        await visit.to(hash)
        await page.locator(shown).first().waitFor()
        await look(name)
      }
      const { id } = zk.session as Session
      await visit.to(`sessions?session=0x${BigInt.asUintN(64, id).toString(16)}`)
      await page.locator('.hits a', { hasText: LOCK }).first().waitFor()
      await look('session')
      await visit.to(`tree?path=${CONFIG}`)
      await page.locator('pre.json').waitFor()
      await press(visit, 'e')
      const data = page.getByRole('textbox', { name: 'Data', exact: true })
      await data.fill((await data.inputValue()).replace('1.4.2', '1.5.0'))
      await look('edit')
      await page.getByRole('button', { name: 'Review the change' }).click()
      await look('diff')
      await page.getByRole('button', { name: 'Cancel' }).click()
      for (const [key, name] of [
        ['?', 'shortcuts'],
        ['c', 'create'],
        ['d', 'delete'],
      ] as const) {
        await press(visit, key)
        await page.getByRole('dialog').waitFor()
        await look(name)
        await page.keyboard.press('Escape')
        await page.getByRole('dialog').waitFor({ state: 'detached' })
      }
      return complaints
    }),
  )
}

test('an ensemble shows its members and their leader', PATIENCE, (t) =>
  at(t, ourEnsemble, async (_place, _scene, begin) => {
    const visit = await begin()
    await visit.to('ensemble')
    await visit.page.locator('.card.leader').waitFor()
    await visit.page.locator('.card.follower').nth(1).waitFor()
    // A gateway knows no elections, but who leads since it was first asked.
    await visit.page.locator('.timeline li', { hasText: /by server .*for \d+ s/ }).waitFor()
    await picture(visit.page, 'three-members')
    return await violations(visit.page)
  }),
)

test('an election that a member lives through is on its line of time', PATIENCE, (t) =>
  suite.withPeers(t, async () => {
    browser ??= await startBrowser()
    const { ensemble, urlOf } = await ourElectorate()
    try {
      await ensemble.start(() => VIVARIUM)
      const before = await ensemble.settled()
      const witness = ensemble.members.find((member) => member !== before) as Member
      await using visit = await Visit.begin(browser, urlOf(witness))
      const { page } = visit
      page.setDefaultTimeout(60_000)
      await visit.to('ensemble')
      // The newest is told first.
      const told = page.locator('.timeline li')
      await told.first().getByText(`led by server ${before.sid}`).waitFor()
      await page.locator('.card.follower').nth(1).waitFor()
      const epoch = await epochIn(told.first())
      await before.kill()
      const after = await ensemble.settled()
      await told.first().getByText(`led by server ${after.sid}`).waitFor()
      const modes = (await page.locator('.timeline .badge').allTextContents()).slice(0, 3)
      assert.deepEqual(modes, [witness === after ? 'leader' : 'follower', 'looking', 'follower'])
      assert.equal(await epochIn(told.first()), epoch + 1)
      assert.equal(await page.locator('.role-line span.looking').count(), modes.length - 1)
      await page.getByText(`Server ${after.sid} leads; 2 of 3 answer.`).waitFor()
      await picture(page, 'election')
      suite.report(1, [...visit.complaints, ...(await violations(page))])
    } finally {
      await ensemble.dispose()
    }
  }),
)

const epochIn = async (told: Locator): Promise<number> =>
  Number((await told.locator('.fact').textContent())?.replace('epoch ', ''))
