import type { InitializeHook, LoadHook } from 'node:module'
import type { Edit } from './recipe-mutant.ts'

let edits: readonly Edit[] = []

/** For `module.register`: these are the hooks. */
export const initialize: InitializeHook<readonly Edit[]> = (data) => {
  edits = data
}

export const load: LoadHook = async (url, context, nextLoad) => {
  const loaded = await nextLoad(url, context)
  const mine = edits.filter(({ file }) => url.endsWith(`/client/dist/${file}`))
  if (mine.length === 0) return loaded
  let text = Buffer.from(loaded.source as Uint8Array).toString()
  for (const { find, replace, file } of mine) {
    const parts = text.split(find)
    if (parts.length !== 2) throw new Error(`${file} has this ${parts.length - 1} times: ${find}`)
    text = parts.join(replace)
  }
  return { ...loaded, source: text }
}
