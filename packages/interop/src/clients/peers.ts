import { copyFileSync, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { apacheClassPath, apacheJars } from '../apache.ts'
import { cached, PACKAGE, run } from '../install.ts'

/** Someone else's client with a program of ours that puts it through its paces. */
export interface Peer {
  name: string
  /** Installs what it takes and compiles the program; throws `PeerUnavailable`. */
  prepare(): Command
}

/** A command line to which the addresses of the server, of the proxy and the proxy's control port are appended. */
export interface Command {
  file: string
  args: string[]
  env?: NodeJS.ProcessEnv
}

const SOURCES = join(PACKAGE, 'src', 'clients')
const KAZOO = ['kazoo==2.10.0', 'pure-sasl==0.6.2']
const GO_ZOOKEEPER = ['github.com/go-zookeeper/zk', 'v1.0.4'] as const
const DEBIAN_PACKAGES = ['zookeeper-bin', 'libzookeeper-mt-dev', 'libzookeeper-mt2']

function source(...path: string[]): string {
  return join(SOURCES, ...path)
}

/** Compiles a Java program against Apache's jars and returns the folder of its classes. */
function javaClasses(): string {
  const program = source('java', 'ClientCheck.java')
  return cached('java', [readFileSync(program, 'utf8')], (folder) => {
    run('javac', ['-d', folder, '-cp', join(apacheJars(), '*'), program])
  })
}

const java: Peer = {
  name: 'java',
  prepare: () => ({
    file: 'java',
    args: [
      '-XX:+UseSerialGC',
      '-XX:TieredStopAtLevel=1',
      '-Dzk.log=OFF',
      '-cp',
      apacheClassPath(javaClasses()),
      'ClientCheck',
    ],
  }),
}

/** A Python that has kazoo. */
export function kazooPython(): string {
  const folder = cached('python', KAZOO, (made) => {
    run('python3', ['-m', 'venv', made])
    run(join(made, 'bin', 'pip'), ['install', '--quiet', '--disable-pip-version-check', ...KAZOO])
  })
  return join(folder, 'bin', 'python')
}

const python: Peer = {
  name: 'kazoo',
  prepare() {
    return { file: kazooPython(), args: ['-u', source('python', 'client_check.py')] }
  },
}

const go: Peer = {
  name: 'go',
  prepare() {
    const program = source('go', 'client_check.go')
    const folder = cached('go', [readFileSync(program, 'utf8'), ...GO_ZOOKEEPER], (made) => {
      copyFileSync(program, join(made, 'main.go'))
      run('go', ['mod', 'init', 'interop'], { cwd: made })
      run('go', ['get', GO_ZOOKEEPER.join('@')], { cwd: made })
      run('go', ['build', '-o', 'client-check', '.'], { cwd: made })
    })
    return { file: join(folder, 'client-check'), args: [] }
  },
}

/**
 * Where Debian's C client is: `prefix` is empty when it is installed; otherwise its packages are unpacked into the cache,
 * which needs no privileges and leaves the system as it is.
 */
export function debianClient(): string {
  if (existsSync('/usr/include/zookeeper/zookeeper.h') && existsSync('/usr/lib/zookeeper/bin/cli_mt')) return ''
  return cached('debian', DEBIAN_PACKAGES, (folder) => {
    try {
      run('apt-get', ['download', ...DEBIAN_PACKAGES], { cwd: folder })
    } catch {
      run('apt-get', ['update'])
      run('apt-get', ['download', ...DEBIAN_PACKAGES], { cwd: folder })
    }
    run('sh', ['-c', 'for package in *.deb; do dpkg-deb -x "$package" . || exit 1; done'], { cwd: folder })
  })
}

/** The environment in which programs find the C client's library. */
export function debianEnvironment(): NodeJS.ProcessEnv {
  return { ...process.env, LD_LIBRARY_PATH: libraryFolder(debianClient()) }
}

function libraryFolder(prefix: string): string {
  return run('sh', ['-c', `dirname "$(ls ${prefix}/usr/lib/*/libzookeeper_mt.so* | head -1)"`]).trim()
}

const c: Peer = {
  name: 'c',
  prepare() {
    const prefix = debianClient()
    const program = source('c', 'client_check.c')
    const folder = cached('c', [readFileSync(program, 'utf8'), prefix], (made) => {
      const flags = ['-O1', '-Wall', '-DTHREADED', `-I${prefix}/usr/include/zookeeper`, `-L${libraryFolder(prefix)}`]
      run('cc', [...flags, '-o', join(made, 'client-check'), program, '-lzookeeper_mt', '-lpthread'])
    })
    return { file: join(folder, 'client-check'), args: [], env: debianEnvironment() }
  },
}

export const PEERS: readonly Peer[] = [java, python, go, c]
