import { cached, run } from '../interop.ts'

/** The clients of others that are measured, in the versions that are. */
export const PACKAGES = ['node-zookeeper-client@1.1.3', 'zookeeper@7.3.0'] as const

/**
 * A folder in which the packages of others are installed. `zookeeper` has no binary for Linux: it compiles the C client, which
 * takes a C++ compiler, make, Python and the headers of Node.js.
 */
export function installedPackages(): string {
  return cached('node-clients', PACKAGES, (folder) => {
    run('npm', ['install', '--prefix', folder, '--no-audit', '--no-fund', '--foreground-scripts', ...PACKAGES])
  })
}
