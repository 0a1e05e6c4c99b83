import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Kdc, REALM } from './kdc.ts'

const MODULE = 'com.sun.security.auth.module.Krb5LoginModule required useKeyTab=true storeKey=true useTicketCache=false'

/** Who takes part. */
export interface Principals {
  readonly alice: string
  readonly mallory: string
}

/** Makes the principals of servers and clients, and JAAS files: `alice.conf`, and `mallory.conf` for who is no member. */
export function writeJaas(kdc: Kdc): Principals {
  const keys = (principal: string): string =>
    `${MODULE} keyTab="${kdc.keyTab(principal)}" principal="${principal}@${REALM}";`
  const server = keys('zookeeper/localhost')
  const member = keys('zkquorum/localhost')
  const alice = keys('alice')
  const stranger = keys('zkquorum/elsewhere')
  const file = (learner: string): string => `
Server { ${server} };
Client { ${alice} };
QuorumServer { ${member} };
QuorumLearner { ${learner} };
`
  writeFileSync(join(kdc.directory, 'good.conf'), file(member))
  writeFileSync(join(kdc.directory, 'stranger.conf'), file(stranger))
  writeFileSync(join(kdc.directory, 'mallory.conf'), `Client { ${keys('mallory')} };\n`)
  return { alice: join(kdc.directory, 'alice.keytab'), mallory: join(kdc.directory, 'mallory.keytab') }
}
