// `npm run docs`: the reference of the client's API, from the doc comments in its declarations, as Markdown in docs/api, which
// is not in git. Fails if a class, a function or a value has none; options say all with their members.
import { mkdirSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { API } from 'typescript/unstable/sync'
import { build } from './build.mjs'

const TARGET = 'docs/api'
const ENTRIES = [
  { file: 'client.md', module: '@vivarium/client', declarations: 'packages/client/dist/index.d.ts' },
  { file: 'recipes.md', module: '@vivarium/client/recipes', declarations: 'packages/client/dist/recipes/index.d.ts' },
  { file: 'tracing.md', module: '@vivarium/client/tracing', declarations: 'packages/client/dist/tracing/index.d.ts' },
]

/** What a module exports: each with its doc comment, and its declarations as they stand, with the comments of members. */
function exportsOf({ program, checker }, path) {
  const module = checker.getSymbolAtLocation(program.getSourceFile(path))
  return checker
    .getExportsOfModule(module)
    .map((exported) => {
      const target = checker.getAliasedSymbol(exported)
      const symbol = checker.isUnknownSymbol(target) ? exported : target
      const text = checker.getDocumentationCommentOfSymbol(symbol).trim()
      const tags = checker.getJsDocTagsOfSymbol(symbol)
      const declarations = symbol.declarations.map((handle) => declarationText(handle.resolve()))
      return { name: exported.name, text, tags, declarations }
    })
    .sort((a, b) => (a.name.toLowerCase() < b.name.toLowerCase() ? -1 : 1))
}

function declarationText(node) {
  // A variable's declaration is within its statement.
  const whole = node.parent?.parent !== undefined && node.parent.declarations ? node.parent.parent : node
  const text = whole.getSourceFile().text.slice(whole.getStart(), whole.end)
  return text
    .replace(/^(export |declare )+/, '')
    .replace(/^ {4}(#private|private [^\n]*);\n/gm, '')
    .trim()
}

function page(module, items) {
  const index = items.map(({ name }) => `[${name}](#${name.toLowerCase()})`).join(' · ')
  return `# ${module}\n\n${index}\n${items.map(section).join('')}`
}

function section({ name, text, tags, declarations }) {
  const prose = [text, ...tags.filter((tag) => tag.name !== 'example').map(tagText)].filter((part) => part !== '')
  const examples = tags.filter((tag) => tag.name === 'example').map((tag) => code(commentOf(tag)))
  return `\n## ${name}\n\n${[...prose, ...examples, ...declarations.map(code)].join('\n\n')}\n`
}

const commentOf = ({ text }) =>
  (typeof text === 'string' ? text : (text ?? []).map((part) => part.text).join('')).trim()
const tagText = (tag) => `*@${tag.name}* ${commentOf(tag)}`
const code = (text) => `\`\`\`ts\n${text}\n\`\`\``

build()
const api = new API({ cwd: process.cwd() })
try {
  const config = resolve('scripts/docs/tsconfig.json')
  const project = api.updateSnapshot({ openProjects: [config] }).getProject(config)
  mkdirSync(TARGET, { recursive: true })
  for (const { file, module, declarations } of ENTRIES) {
    const items = exportsOf(project, resolve(declarations))
    writeFileSync(`${TARGET}/${file}`, page(module, items))
    console.log(`${TARGET}/${file}: ${items.length} exports`)
    const isValue = ({ declarations: [first = ''] }) => /^(abstract |class |function |const )/.test(first)
    const bare = items.filter((item) => item.text === '' && isValue(item)).map(({ name }) => name)
    if (bare.length === 0) continue
    console.error(`${module} exports without a doc comment: ${bare.join(', ')}`)
    process.exitCode = 1
  }
} finally {
  api.close()
}
