import { AuditLog } from '../audit/audit-log.ts'
import { loadAuthProviders } from '../auth/load-auth-providers.ts'
import type { ServerConfig } from '../config/server-config.ts'
import { type Preamble, SaslNetwork } from '../quorum/sasl-network.ts'
import { loadSasl } from '../sasl/load-sasl.ts'
import { StartError } from '../start-error.ts'
import { openNetworks } from '../tls/open-networks.ts'
import type { ServerEnv } from './server-env.ts'

/**
 * How connections are encrypted, who may come by them, and where it is written down what they do.
 *
 * @param memberHosts the names and addresses of the members at present, as they are configured
 * @throws {StartError}
 */
export async function openTransports(
  config: ServerConfig,
  env: ServerEnv,
  memberHosts: () => Iterable<string>,
): Promise<ServerEnv> {
  const sasl = await loadSasl(config, env.disk, memberHosts)
  const authProviders = await loadAuthProviders(config.authModules, env.log)
  const audit = await openAudit(config, env)
  const networks = await openNetworks(config, env, memberHosts).catch(async (error) => {
    await endAudit(audit)
    throw error
  })
  const { members } = sasl
  const call = members?.call ?? null
  const common = { ...env, sasl, authProviders, ...(audit === null ? {} : { audit }) }
  if (members === null) return { ...common, network: networks.members, clientNetworks: networks }
  const authenticated = (preamble: Preamble): SaslNetwork =>
    new SaslNetwork(networks.members, {
      accept: () => members.accept(env.random),
      authorizes: members.authorizes,
      call: call === null ? null : (host) => call(host, env.random),
      required: config.quorumServerRequiresSasl,
      preamble,
      log: env.log,
    })
  return {
    ...common,
    network: authenticated('none'),
    electionNetwork: authenticated('initial message'),
    clientNetworks: networks,
  }
}

/** The server has not started after all. */
export async function notStarted(env: ServerEnv): Promise<void> {
  env.clientNetworks?.close()
  await endAudit(env.audit ?? null)
}

/** To be called when nothing is carried any more. */
export async function closeTransports(env: ServerEnv): Promise<void> {
  env.clientNetworks?.close()
  await env.audit?.close()
}

async function endAudit(audit: AuditLog | null): Promise<void> {
  audit?.writeOwn('serverStart', 'failure')
  await audit?.close()
}

async function openAudit(config: ServerConfig, { disk, clock, log }: ServerEnv): Promise<AuditLog | null> {
  if (!config.auditEnabled) return null
  const { auditFile: path, auditFormat: format } = config
  try {
    return await AuditLog.open({ path, format, disk, clock, log })
  } catch (error) {
    throw new StartError('CONFIG', `audit.file=${path} cannot be written: ${(error as Error).message}`, {
      cause: error,
    })
  }
}
