import { EXAMPLES } from './index.ts'

// `node packages/examples/dist/main.js NAME [SERVERS]`
const [name = '', servers = 'localhost:2181'] = process.argv.slice(2)
const example = EXAMPLES[name]
if (example === undefined) {
  console.error(`There are: ${Object.keys(EXAMPLES).join(', ')}.`)
  process.exitCode = 2
} else {
  example(servers, console.log).catch((error: unknown) => {
    console.error(error)
    process.exitCode = 1
  })
}
