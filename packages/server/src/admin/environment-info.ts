import { hostname, release, tmpdir, userInfo } from 'node:os'
import { getHeapStatistics } from 'node:v8'
import { FULL_VERSION } from './version.ts'

const MB = 1024 * 1024
/** What Java prints where a system has no answer. */
const NOT_AVAILABLE = '<NA>'

const OS_NAMES: Readonly<Record<string, string>> = { linux: 'Linux', darwin: 'Mac OS X', win32: 'Windows' }
const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'aarch64' }

/**
 * What `envi` tells, under Java's names (Environment.list): where it asks for the Java machine, Node is told of.
 */
export function environmentInfo(): readonly (readonly [name: string, value: string])[] {
  const { heapUsed, heapTotal } = process.memoryUsage()
  const { name, home } = user()
  return [
    ['zookeeper.version', FULL_VERSION],
    ['host.name', hostname()],
    ['java.version', `Node.js ${process.version}`],
    ['java.vendor', 'Node.js'],
    ['java.home', process.execPath],
    ['java.class.path', process.argv[1] ?? NOT_AVAILABLE],
    ['java.library.path', NOT_AVAILABLE],
    ['java.io.tmpdir', tmpdir()],
    ['java.compiler', NOT_AVAILABLE],
    ['os.name', OS_NAMES[process.platform] ?? process.platform],
    ['os.arch', ARCHITECTURES[process.arch] ?? process.arch],
    ['os.version', release()],
    ['user.name', name],
    ['user.home', home],
    ['user.dir', process.cwd()],
    ['os.memory.free', `${Math.floor((heapTotal - heapUsed) / MB)}MB`],
    ['os.memory.max', `${Math.floor(getHeapStatistics().heap_size_limit / MB)}MB`],
    ['os.memory.total', `${Math.floor(heapTotal / MB)}MB`],
  ]
}

/** A user id need not have an entry in the system's list: in containers it often has none. */
function user(): { name: string; home: string } {
  try {
    const { username, homedir } = userInfo()
    return { name: username, home: homedir }
  } catch {
    return { name: NOT_AVAILABLE, home: NOT_AVAILABLE }
  }
}
