import { once } from 'node:events'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { ZooKeeper } from '@vivarium/client'
import type { Subject, SubjectName } from './subject.ts'

/** A session of this client at a server of this machine. @param packages where the packages of others are installed */
export function openSubject(name: SubjectName, port: number, packages: string): Promise<Subject> {
  const servers = `127.0.0.1:${port}`
  const required = createRequire(join(packages, 'package.json'))
  if (name === 'vivarium') return vivarium(servers)
  if (name === 'zookeeper') return native(servers, required('zookeeper') as NativePackage)
  return pureJavaScript(servers, required('node-zookeeper-client') as PureJavaScriptPackage)
}

async function vivarium(servers: string): Promise<Subject> {
  const zk = await ZooKeeper.connect(servers)
  return {
    get: (path, done) =>
      void zk.getData(path).then(
        ({ data }) => done(null, data),
        (error) => done(error, null),
      ),
    set: (path, data, done) =>
      void zk.setData(path, data).then(
        () => done(null, null),
        (error) => done(error, null),
      ),
    close: () => void zk.close(),
  }
}

/** As much of `node-zookeeper-client` as is measured. */
interface PureJavaScriptPackage {
  createClient(servers: string): PureJavaScriptClient
}

interface PureJavaScriptClient extends NodeJS.EventEmitter {
  connect(): void
  close(): void
  getData(path: string, done: (error: Error | null, data: Buffer) => void): void
  setData(path: string, data: Buffer, done: (error: Error | null) => void): void
}

async function pureJavaScript(servers: string, { createClient }: PureJavaScriptPackage): Promise<Subject> {
  const client = createClient(servers)
  client.connect()
  await once(client, 'connected')
  return {
    get: (path, done) => client.getData(path, (error, data) => done(error, data)),
    set: (path, data, done) => client.setData(path, data, (error) => done(error, null)),
    close: () => client.close(),
  }
}

/** As much of `zookeeper`, the C client's binding, as is measured. */
interface NativePackage {
  new (config: {
    connect: string
    timeout: number
    debug_level: number
    host_order_deterministic: boolean
  }): NativeClient
}

interface NativeClient {
  connect(done: (error: unknown) => void): void
  close(): void
  a_get(path: string, watch: boolean, done: (code: number, error: string, stat: unknown, data: Buffer) => void): void
  a_set(path: string, data: Buffer, version: number, done: (code: number, error: string) => void): void
}

function native(servers: string, Client: NativePackage): Promise<Subject> {
  const client = new Client({ connect: servers, timeout: 30_000, debug_level: 1, host_order_deterministic: true })
  const failure = (code: number, error: string): Error | null => (code === 0 ? null : new Error(`${code} ${error}`))
  const subject: Subject = {
    get: (path, done) => client.a_get(path, false, (code, error, _stat, data) => done(failure(code, error), data)),
    set: (path, data, done) => client.a_set(path, data, -1, (code, error) => done(failure(code, error), null)),
    close: () => client.close(),
  }
  return new Promise((resolve, reject) => {
    client.connect((error) => (error ? reject(error) : resolve(subject)))
  })
}
