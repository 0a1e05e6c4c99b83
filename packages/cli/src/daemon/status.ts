import { NodeNetwork, TlsConnector } from '@vivarium/env/node'
import { ownCertificates, type ServerConfig } from '@vivarium/server'
import { ExitCode } from '../exit-code.ts'
import { askFourLetterWord } from '../shell/four-letter.ts'
import { javaTls } from '../shell/security/client-settings.ts'

const ANSWER_MS = 5000

/**
 * Asks a server what it does (`zkServer.sh status`): on its plain port, if it has one. On the other one it is asked with
 * what `CLIENT_JVMFLAGS` says, as by zkServer.sh, or else as somebody who has the server's own certificate.
 *
 * @returns the exit code
 */
export async function tellStatus(
  config: ServerConfig,
  environment: NodeJS.ProcessEnv,
  say: (text: string) => void,
): Promise<number> {
  const secure = config.clientPort === null
  const port = config.clientPort ?? config.secureClientPort
  if (port === null) {
    say('Unable to find a client port in the configuration. Terminating.\n')
    return ExitCode.UNEXPECTED
  }
  const host = (secure ? config.secureClientPortAddress : config.clientPortAddress) ?? 'localhost'
  say(`Client port found: ${port}. Client address: ${host}. Client SSL: ${secure}.\n`)
  let reason = ''
  const ask = async (): Promise<string> => {
    const network = secure ? await connector(config, environment) : new NodeNetwork()
    return askFourLetterWord(host, port, 'srvr', ANSWER_MS, network)
  }
  const answer = await ask().catch((error: Error) => {
    reason = error.message
    return ''
  })
  const mode = /^Mode: .*$/m.exec(answer)?.[0]
  if (mode === undefined && secure) {
    say(`${reason}\nWhom this server lets in over TLS can be said in CLIENT_JVMFLAGS, as for zkServer.sh.\n`)
  }
  say(`${mode ?? 'Error contacting service. It is probably not running.'}\n`)
  return mode === undefined ? ExitCode.UNEXPECTED : ExitCode.OK
}

async function connector(config: ServerConfig, environment: NodeJS.ProcessEnv): Promise<TlsConnector> {
  // It is this machine's own server, whatever names its certificate has.
  return new TlsConnector(javaTls(environment) ?? { ...(await ownCertificates(config)), verifyHostname: false })
}
