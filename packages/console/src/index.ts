import { fileURLToPath } from 'node:url'

/**
 * The directory of the console's files: `index.html`, and what it loads by relative addresses, each also as `.br` and `.gz`.
 * They expect to be served below one path, `/console/`, beside the API, `/api/v1/`. The names in `assets/` tell what is in
 * the files: a browser may keep these for ever.
 */
export const assetsDirectory: string = fileURLToPath(new URL('assets', import.meta.url))
