// `npm run check`: types (by building), lint and format.
import { build, run } from './build.mjs'

build()
run(process.execPath, ['node_modules/@biomejs/biome/bin/biome', 'check', '--error-on-warnings', '.'])
