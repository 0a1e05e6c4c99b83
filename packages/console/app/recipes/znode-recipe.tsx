import type { JSX } from 'preact'
import { Problem } from '../shell/problem.tsx'
import { useAnswer } from '../shell/use-answer.ts'
import { RecipeCard } from './recipe-card.tsx'
import type { Recipe } from './types.ts'

/** What the children of one znode look like. */
export function ZnodeRecipe({ path, revision }: { readonly path: string; readonly revision: string }): JSX.Element {
  const { value, problem } = useAnswer<readonly Recipe[]>('api/v1/recipes', { query: { path }, revision })
  if (problem !== null) return <Problem text={problem.message} />
  if (value === null) return <p class="muted">Looking …</p>
  if (value.length === 0) return <p class="empty">Its children look like no recipe that is known here.</p>
  return (
    <div class="cards">
      {value.map((recipe) => (
        <RecipeCard key={`${recipe.kind} ${recipe.path}`} recipe={recipe} />
      ))}
    </div>
  )
}
