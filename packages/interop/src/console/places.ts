import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startGateway } from '@vivarium/gateway'
import { apache, freePort, startEnsemble, startServer, VIVARIUM } from '@vivarium/testing'
import { Ensemble, type Member } from '../ensembles/ensemble.ts'

/** Servers, and the console before them. */
export interface Place extends AsyncDisposable {
  /** The address of the console. */
  readonly url: string
  /** What clients connect to. */
  readonly servers: string
}

/** One of ours, which has the console on the port of its administrators, and writes down who changes what. */
export async function ourServer(): Promise<Place> {
  const port = await freePort()
  const directory = mkdtempSync(join(tmpdir(), 'vivarium-console-'))
  const config = {
    'admin.enableServer': 'true',
    'admin.serverAddress': '127.0.0.1',
    'admin.serverPort': String(port),
    'audit.enable': 'true',
    'audit.file': join(directory, 'audit.log'),
  }
  const server = await startServer({ kind: VIVARIUM, separate: true, config })
  return {
    url: `http://127.0.0.1:${port}/console/`,
    servers: server.address,
    [Symbol.asyncDispose]: async () => {
      await server.close()
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

/** Three of ours, behind a gateway. */
export async function ourEnsemble(): Promise<Place> {
  const ensemble = await startEnsemble(3)
  return await behindGateway(ensemble.members.map(({ address }) => address).join(','), () => ensemble.close())
}

/** Three of ours that know of each other where clients reach them, and have the console each: a leader can be killed. */
export async function ourElectorate(): Promise<{ ensemble: Ensemble; urlOf(member: Member): string }> {
  const config = { 'admin.enableServer': 'true', 'admin.serverAddress': '127.0.0.1' }
  const ensemble = await Ensemble.layOut(3, { config, first: 3 })
  const key = 'admin.serverPort'
  for (const member of ensemble.members) member.config[key] = String(await freePort())
  return { ensemble, urlOf: ({ config }) => `http://127.0.0.1:${config[key]}/console/` }
}

/** Apache's, behind a gateway. */
export async function apacheServer(): Promise<Place> {
  const server = await startServer({ kind: apache() })
  return await behindGateway(server.address, () => server.close())
}

async function behindGateway(servers: string, close: () => Promise<void>): Promise<Place> {
  try {
    const gateway = await startGateway({ servers, port: 0 })
    return {
      url: `http://127.0.0.1:${gateway.port}/console/`,
      servers,
      [Symbol.asyncDispose]: async () => {
        await gateway.close()
        await close()
      },
    }
  } catch (error) {
    await close()
    throw error
  }
}
