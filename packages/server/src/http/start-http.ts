import { METRICS_PROVIDERS } from '../config/keys/monitoring-keys.ts'
import type { Server } from '../serving/server.ts'
import { ServerConsoleView } from '../serving/server-console-view.ts'
import type { ServerEnv } from '../serving/server-env.ts'
import { StartError } from '../start-error.ts'
import { KeyStoreError } from '../tls/key-store-error.ts'
import { refusalLog } from '../tls/refusal-log.ts'
import { TlsIdentity } from '../tls/tls-identity.ts'
import { adminTlsSettings } from '../tls/tls-settings.ts'
import { startAdminServer } from './admin-server.ts'
import type { HttpTls } from './encrypting.ts'
import type { HttpService } from './http-service.ts'
import { startMetricsServer } from './metrics-server.ts'

/** What listens for HTTP beside a server. */
export interface HttpServices {
  /** Null where there is none. */
  readonly admin: HttpService | null
  readonly metrics: HttpService | null
  close(): Promise<void>
}

/**
 * Starts the admin server, and what Prometheus asks, as configured.
 *
 * @param adminByDefault whether there is to be an admin server if nothing asks for one, nor against it
 * @throws {StartError} where something that was asked for cannot be had
 */
export async function startHttp(server: Server, env: ServerEnv, adminByDefault: boolean): Promise<HttpServices> {
  const metrics = await startMetrics(server, env)
  try {
    const admin = await startAdmin(server, env, adminByDefault)
    const close = async (): Promise<void> => {
      await admin?.close()
      await metrics?.close()
    }
    return { admin, metrics, close }
  } catch (error) {
    await metrics?.close()
    throw error
  }
}

async function startMetrics({ config, view }: Server, { log }: ServerEnv): Promise<HttpService | null> {
  if (config.metricsProvider !== METRICS_PROVIDERS.prometheus) return null
  const { metricsHttpHost: host, metricsHttpPort: port, adminIdleTimeoutMs: idleMs } = config
  try {
    const service = await startMetricsServer(view, { host, port, idleMs, log })
    log.info(`Metrics for Prometheus: http://${service.host}:${service.port}/metrics`)
    return service
  } catch (error) {
    throw new StartError('METRICS', `Cannot listen on port ${port} of ${host} for Prometheus: ${textOf(error)}`)
  }
}

async function startAdmin(server: Server, env: ServerEnv, byDefault: boolean): Promise<HttpService | null> {
  const { config, view } = server
  if (!config.adminServerEnabled || !(config.adminServerAsked || byDefault)) return null
  const { adminServerAddress: host, adminServerPort: port, adminIdleTimeoutMs: idleMs } = config
  const { log, disk } = env
  const encryption = await openEncryption(server, env)
  try {
    const service = await startAdminServer(view, new ServerConsoleView(server, env), disk, {
      host,
      port,
      idleMs,
      log,
      tls: encryption?.tls,
    })
    const scheme = config.adminForceHttps ? 'https' : 'http'
    log.info(`Admin server: ${scheme}://${service.host}:${service.port}${config.adminCommandUrl}`)
    const close = (): Promise<void> => {
      encryption?.identity.close()
      return service.close()
    }
    return { ...service, close }
  } catch (error) {
    encryption?.identity.close()
    const message = `Cannot listen on port ${port} of ${host} for the admin server: ${textOf(error)}`
    if (config.adminServerAsked) throw new StartError('ADMIN', message)
    log.warn(`${message}. Nobody asked for one, so the server goes on without; admin.serverPort chooses another port.`)
    return null
  }
}

/** Null: the admin server encrypts nothing. */
async function openEncryption(
  { config, metrics }: Server,
  { log, disk, clock }: ServerEnv,
): Promise<{ readonly tls: HttpTls; readonly identity: TlsIdentity } | null> {
  if (!config.adminForceHttps && !config.adminPortUnification) return null
  try {
    const settings = adminTlsSettings(config)
    const identity = await TlsIdentity.load({ settings, disk, clock, log, reload: config.quorumCertReload })
    const tls: HttpTls = {
      context: identity.context,
      revocation: identity.revocation,
      needsCertificate: config.adminNeedClientAuth,
      plaintext: config.adminForceHttps ? 'refused' : 'accepted',
      handshakeMs: settings.handshakeMs,
      refused: refusalLog('visitor of the admin server', log, clock.monotonicMs),
      acceptedPlaintext: () => metrics.insecure_admin_count.add(1),
    }
    return { tls, identity }
  } catch (error) {
    if (error instanceof KeyStoreError) throw new StartError('CONFIG', error.message, { cause: error })
    throw error
  }
}

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
