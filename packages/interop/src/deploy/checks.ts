import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { cached, PeerUnavailable, REPOSITORY, run } from '../install.ts'

const KUBERNETES_VALIDATE = 'kubernetes-validate==1.34.1'
const DEPLOY = join(REPOSITORY, 'deploy')

export const MANIFESTS = join(DEPLOY, 'kubernetes', 'vivarium.yaml')
export const UNIT = join(DEPLOY, 'systemd', 'vivarium.service')
export const ALERTS = join(DEPLOY, 'prometheus', 'alerts.yml')
export const ALERT_TESTS = join(DEPLOY, 'prometheus', 'alerts.test.yml')

/** How a tool that is on this machine judges some files. */
export interface Judgement {
  readonly ok: boolean
  readonly said: string
}

/** @throws {PeerUnavailable} where there is no such tool: `promtool` comes with Debian's package prometheus */
function judge(file: string, ...args: string[]): Judgement {
  const { status, error, stdout, stderr } = spawnSync(file, args, { encoding: 'utf8', timeout: 60_000 })
  if (error) throw new PeerUnavailable(`${file} could not be run: ${error.message}`)
  return { ok: status === 0, said: `${stdout}${stderr}` }
}

/** Manifests against the schemas of Kubernetes, unknown fields included. */
export function validateManifests(path: string): Judgement {
  const folder = cached('kubernetes-validate', [KUBERNETES_VALIDATE], (made) => {
    run('python3', ['-m', 'venv', made])
    run(join(made, 'bin', 'pip'), ['install', '--quiet', '--disable-pip-version-check', KUBERNETES_VALIDATE])
  })
  return judge(join(folder, 'bin', 'kubernetes-validate'), '--strict', path)
}

export const verifyUnit = (path: string): Judgement => judge('systemd-analyze', 'verify', path)

export const checkRules = (path: string): Judgement => judge('promtool', 'check', 'rules', path)

export const testRules = (path: string): Judgement => judge('promtool', 'test', 'rules', path)
