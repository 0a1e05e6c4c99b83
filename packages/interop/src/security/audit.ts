import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eventually } from '@vivarium/testing'
import { RawClient, RequestFailed } from '../raw-client.ts'
import { APACHE, type ServerKind, ServerProcess } from '../server-process.ts'

/** What Apache writes in front of a line, by the logging configuration that it is run with here, and ours. */
const FRONT = /^.*Slf4jAuditLogger:? /

async function refused(attempt: Promise<unknown>): Promise<void> {
  await attempt.then(
    () => {
      throw new Error('what should fail did not')
    },
    (error: unknown) => {
      if (!(error instanceof RequestFailed)) throw error
    },
  )
}

/** Has things done that are audited, with a server of this kind, and returns what it wrote, without what has to differ. */
export async function auditOf(kind: ServerKind): Promise<string[]> {
  const directory = mkdtempSync(join(tmpdir(), 'interop-audit-'))
  const file = join(directory, 'audit.log')
  const server = await ServerProcess.start(kind, {
    config: { forceSync: 'no', extendedTypesEnabled: 'true', 'audit.enable': 'true', 'audit.file': file },
    ...(kind === APACHE ? { system: { 'zk.log': 'INFO' } } : {}),
  })
  const written = (): string[] => lines(kind === APACHE ? join(server.directory, 'server.log') : file)
  try {
    const client = await RawClient.connect(server.port)
    const session = `0x${client.session.sessionId.toString(16)}`
    await client.create('/a')
    await client.addAuth('digest', 'bob:secret')
    await client.create('/a/n-', null, { flags: 3 })
    await client.create('/a/p-', null, { flags: 2 })
    await refused(client.create('/none/x'))
    await refused(client.create('/a'))
    await client.setData('/a', Buffer.from('x'))
    await refused(client.setData('/a', Buffer.from('x'), 7))
    await client.setAcl('/a', [
      { perms: 31, scheme: 'world', id: 'anyone' },
      { perms: 9, scheme: 'ip', id: '10.0.0.1' },
    ])
    await refused(client.delete('/a'))
    await refused(client.delete('/b'))
    await client.delete('/a/p-0000000001')
    await client.getChildren('/')
    await client.close()
    await eventually('the end of the session is written', async () =>
      written().some((line) => line.includes('SessionClose')),
    )
    await server.stop()
    return written().map((line) => usersInOrder(line.replaceAll(session, 'SESSION')))
  } finally {
    await server.dispose()
    rmSync(directory, { recursive: true, force: true })
  }
}

/** Apache has them in the order of a hash table. */
function usersInOrder(line: string): string {
  return line.replace(/\buser=([^\t]*)/, (_all, users: string) => `user=${users.split(',').sort().join()}`)
}

function lines(file: string): string[] {
  const all = readFileSync(file, 'utf8').split('\n')
  return all.filter((line) => FRONT.test(line)).map((line) => line.replace(FRONT, ''))
}
