import { ZooKeeper } from '@vivarium/client'
import { roundRobin, ServiceDiscovery } from '@vivarium/client/recipes'
import type { Example } from './example.ts'

/** Services tell where they are, and a client goes from one to the next. Curator's programs see the same. */
export const discovery: Example = async (servers, say) => {
  await using zk = await ZooKeeper.connect(servers)
  await using services = new ServiceDiscovery(zk, '/services')
  for (const port of [8001, 8002])
    await services.register({ name: 'api', id: `api-${port}`, address: '10.0.0.7', port })

  await using api = await services.provider('api', { strategy: roundRobin() })
  const ports = [api.instance(), api.instance()].map((instance) => instance?.port)
  say(`asked in turn: ${ports.sort().join(' and ')}`)
}
