import type { RecipeChecker } from './checker.ts'

/** Nobody is told that a lock is wanted back for which nobody has asked. (That who is asked is told, `turns` shows.) */
export const revocations: RecipeChecker = {
  name: 'revocations',
  check: ({ revocations, revocationRequests }) =>
    revocations
      .filter(({ path, atMs }) => !revocationRequests.some((asked) => asked.path === path && asked.atMs <= atMs))
      .map(({ path, who, atMs }) => `${who} was asked for ${path} at ${atMs} ms, by nobody`),
}
