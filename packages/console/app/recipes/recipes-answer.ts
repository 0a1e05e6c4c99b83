import type { Recipe } from './types.ts'

export type RecipesAnswer = readonly Recipe[] | { readonly recipes: readonly Recipe[] }

export const recipesOf = (answer: RecipesAnswer): readonly Recipe[] => ('recipes' in answer ? answer.recipes : answer)
