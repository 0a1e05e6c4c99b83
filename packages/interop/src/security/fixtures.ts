import { join } from 'node:path'
import { REPOSITORY } from '../install.ts'

/** A key or certificate of those that the server's own tests have; see `make.sh` there. */
export const fixture = (name: string): string => join(REPOSITORY, 'packages', 'server', 'test', 'tls', 'fixtures', name)

/** The subject of `alice.pem`, as the scheme x509 has it. */
export const ALICE = 'CN=alice,OU=ops,O=acme'
