import type { JSX } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { account } from '../api/account.ts'
import { ApiError, get, messageOf } from '../api/http.ts'
import { pathProblem } from '../api/paths.ts'
import { count } from '../shell/format.ts'
import { Problem } from '../shell/problem.tsx'
import { go, route } from '../shell/route.ts'
import { allBut, type Visited, walk } from '../tree/walk.ts'
import { RecipeCard } from './recipe-card.tsx'
import type { Recipe } from './types.ts'

/** Znodes that are looked at before it is asked whether to go on. */
const PORTION = 300
const AGAIN_MS = 3000

interface Found {
  readonly recipes: ReadonlyMap<string, Recipe>
  readonly looked: number
  /** How many have children that may not be read. */
  readonly hidden: number
  readonly state: 'looking' | 'paused' | 'done' | 'failed'
  /** What has gone wrong last: nothing if it has gone well since. */
  readonly problem: string | null
}

const NOTHING: Found = { recipes: new Map(), looked: 0, hidden: 0, state: 'looking', problem: null }

/** The locks, elections, groups and services below a znode: found level by level, then kept as they are. */
export function RecipesPage(): JSX.Element {
  const { root = '/' } = route.value.parameters
  const [from, setFrom] = useState(root)
  const [turn, setTurn] = useState(0)
  const [found, goOn] = useRecipes(root, turn)
  const wrong = pathProblem(from)
  const submit = (event: SubmitEvent): void => {
    event.preventDefault()
    if (wrong !== null) return
    go('recipes', { root: from })
    setTurn(turn + 1)
  }
  const all = [...found.recipes.values()].sort((a, b) => (a.path < b.path ? -1 : 1))
  return (
    <div class="sheet">
      <form class="bar" onSubmit={submit}>
        <label class="field">
          Recipes below
          <input
            name="root"
            maxLength={10_000}
            spellcheck={false}
            value={from}
            onInput={(event) => setFrom(event.currentTarget.value)}
          />
        </label>
        <button type="submit" disabled={wrong !== null}>
          Look
        </button>
      </form>
      <Problem text={wrong ?? found.problem} />
      <p class="note" role="status">
        {told(found)}
        {(found.state === 'paused' || found.state === 'failed') && (
          <button type="button" onClick={goOn}>
            {found.state === 'paused' ? 'Look further' : 'Try again'}
          </button>
        )}
      </p>
      <div class="cards">
        {all.map((recipe) => (
          <RecipeCard key={`${recipe.kind} ${recipe.path}`} recipe={recipe} />
        ))}
      </div>
    </div>
  )
}

function told({ recipes, looked, hidden, state }: Found): string {
  const of = `${count(recipes.size)} found, ${count(looked)} znodes looked at`
  if (state === 'done') return `${of}: ${hidden === 0 ? 'that is all there are' : allBut(hidden)}.`
  return state === 'looking' ? `${of} …` : `${of} so far.`
}

/** What may not be read, or is gone, has none. */
const ask = (path: string, signal: AbortSignal): Promise<readonly Recipe[]> =>
  get<readonly Recipe[]>('api/v1/recipes', { path }, signal).catch((error: unknown) => {
    if (error instanceof ApiError && (error.code === 'NoNode' || error.code === 'NoAuth')) return []
    throw error
  })

/** Nobody is left of what was found. */
const deserted = (recipe: Recipe): Recipe => ({
  kind: recipe.kind,
  layout: recipe.layout,
  path: recipe.path,
  holding: 0,
  queue: [],
  total: 0,
})

const keyOf = ({ kind, path }: Recipe): string => `${kind} ${path}`

function useRecipes(root: string, turn: number): readonly [Found, goOn: () => void] {
  const [found, setFound] = useState(NOTHING)
  const more = useRef<() => void>(() => {})
  const who = account.value
  useEffect(() => {
    setFound(NOTHING)
    if (pathProblem(root) !== null) return
    const ended = new AbortController()
    const { signal } = ended
    const recipes = new Map<string, Recipe>()
    let looked = 0
    let hidden = 0
    const begin = (): AsyncGenerator<Visited> => {
      looked = 0
      hidden = 0
      return walk(root, signal, () => hidden++)
    }
    let visited = begin()
    const show = (state: Found['state'], problem: string | null = null): void => {
      if (!signal.aborted) setFound({ recipes: new Map(recipes), looked, hidden, state, problem })
    }
    const look = async (path: string): Promise<void> => {
      for (const recipe of await ask(path, signal)) recipes.set(keyOf(recipe), recipe)
    }
    const portion = async (): Promise<void> => {
      if (looked === 0) await look(root)
      for (const most = looked + PORTION; looked < most; ) {
        const { value, done } = await visited.next()
        if (done === true) return show('done')
        looked++
        if (value.stat !== undefined && value.stat.numChildren > 0) {
          await look(value.path)
          show('looking')
        }
      }
      show('paused')
    }
    more.current = () =>
      void portion().catch((error: unknown) => {
        show('failed', messageOf(error))
        visited = begin()
      })
    more.current()
    const lookAgain = async (path: string): Promise<void> => {
      const now = await ask(path, signal)
      for (const [key, recipe] of recipes) if (recipe.path === path) recipes.set(key, deserted(recipe))
      for (const recipe of now) recipes.set(keyOf(recipe), recipe)
    }
    const again = setInterval(() => {
      if (document.hidden) return
      const paths = new Set(Array.from(recipes.values(), ({ path }) => path))
      Promise.all(Array.from(paths, lookAgain)).then(
        () => setFound((before) => ({ ...before, recipes: new Map(recipes), problem: null })),
        (error: unknown) => {
          if (!signal.aborted) setFound((before) => ({ ...before, problem: messageOf(error) }))
        },
      )
    }, AGAIN_MS)
    return () => {
      ended.abort()
      clearInterval(again)
    }
  }, [root, turn, who])
  return [found, () => more.current()]
}
