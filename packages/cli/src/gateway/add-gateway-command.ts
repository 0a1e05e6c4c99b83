import type { Command } from 'commander'

interface GatewayFlags {
  readonly servers: string
  readonly listen: string
  readonly readOnly: boolean
  readonly allowHost: string[]
  readonly tls: boolean
  readonly tlsCa?: string
  readonly tlsServerName?: string
  readonly tlsAnyName: boolean
  readonly log: 'text' | 'json'
}

export function addGatewayCommand(program: Command, setExitCode: (code: number) => void): void {
  program
    .command('gateway')
    .description('an HTTP API, and the console, before servers of any make')
    .option('--servers <list>', 'host:port,host:port…[/chroot]', '127.0.0.1:2181')
    .option('--listen <host:port>', 'where it is reached', '127.0.0.1:8090')
    .option('--read-only', 'refuse whatever would change something', false)
    .option('--allow-host <name>', 'a name by which browsers may call it (repeatable)', collect, [])
    .option('--tls', 'encrypt connections to the servers', false)
    .option('--tls-ca <file>', 'with the certificates of this file')
    .option('--tls-server-name <name>', "the name in the servers' certificates")
    .option('--tls-any-name', 'any name in them will do', false)
    .option('--log <format>', 'log lines for people (text) or for machines (json)', 'text')
    .action(async (flags: GatewayFlags) => {
      const { runGateway } = await import('./run-gateway.ts')
      const { tls, tlsCa, tlsServerName, tlsAnyName, ...options } = flags
      const isEncrypted = tls || tlsAnyName || tlsCa !== undefined || tlsServerName !== undefined
      const encryption = { caFile: tlsCa, serverName: tlsServerName, verifyHostname: !tlsAnyName }
      setExitCode(await runGateway({ ...options, tls: isEncrypted ? encryption : undefined }))
    })
}

const collect = (value: string, values: readonly string[]): string[] => [...values, value]
