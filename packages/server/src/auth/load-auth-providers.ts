import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { AuthProvider } from '@vivarium/core'
import type { Log } from '@vivarium/env'
import { StartError } from '../start-error.ts'
import { GuardedProvider } from './guarded-provider.ts'

/** What ACLs and the other providers have a meaning for already. */
const TAKEN = new Set(['world', 'auth', 'super', 'ip', 'digest', 'x509', 'sasl', 'ensemble'])
const METHODS = ['authenticate', 'isValid', 'matches', 'userName'] as const

/**
 * Loads the modules that `authProvider.x` lines name; the default export of each is an {@link AuthProvider}.
 *
 * @throws {StartError} if one cannot be loaded, or is no such module
 */
export async function loadAuthProviders(paths: readonly string[], log: Log): Promise<readonly AuthProvider[]> {
  const taken = new Set(TAKEN)
  const providers: AuthProvider[] = []
  for (const path of paths) {
    const provider = await load(path)
    if (taken.has(provider.scheme)) throw refused(path, `the scheme ${provider.scheme} is taken`)
    taken.add(provider.scheme)
    providers.push(new GuardedProvider(provider, log))
  }
  return providers
}

async function load(path: string): Promise<AuthProvider> {
  let module: { readonly default?: unknown }
  try {
    module = await import(pathToFileURL(resolve(path)).href)
  } catch (error) {
    throw refused(path, (error as Error).message, error)
  }
  const provider = module.default
  if (!isProvider(provider)) {
    throw refused(path, `its default export has to have scheme, isAuthenticated, ${METHODS.join(', ')}`)
  }
  return provider
}

function isProvider(value: unknown): value is AuthProvider {
  if (typeof value !== 'object' || value === null) return false
  const { scheme, isAuthenticated, ...others } = Object.fromEntries(
    ['scheme', 'isAuthenticated', ...METHODS].map((name) => [name, Reflect.get(value, name)]),
  )
  const named = typeof scheme === 'string' && scheme !== '' && typeof isAuthenticated === 'boolean'
  return named && METHODS.every((name) => typeof others[name] === 'function')
}

const refused = (path: string, reason: string, cause?: unknown): StartError =>
  new StartError('CONFIG', `The authentication provider ${path} cannot be used: ${reason}`, { cause })
