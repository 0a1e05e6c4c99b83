export { type Invocation, parseInvocation } from './invocation.ts'
export { type Output, Shell } from './shell.ts'
