// The load generator, in a process of its own: takes a LoadSpec as JSON in its one argument, prints a LoadResult as JSON.
import { generateLoad } from './generate-load.ts'
import type { LoadSpec } from './load-spec.ts'

process.on('uncaughtException', (error) => {
  console.error(error.message)
  process.exit(1)
})

generateLoad(JSON.parse(process.argv[2] ?? '{}') as LoadSpec).then(
  (result) => console.log(JSON.stringify(result)),
  (error: Error) => {
    console.error(error.message)
    process.exit(1)
  },
)
