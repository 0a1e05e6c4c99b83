import { KeeperError, type ZooKeeper } from '@vivarium/client'
import { Type } from 'typebox'
import type { Context } from '../context.ts'
import { EnsembleSurvey, type SurveyedMember } from '../ensemble/ensemble-survey.ts'
import type { App } from '../http/type-provider.ts'
import { Zxid } from '../schemas/common.ts'
import { answers, asCaller, only } from './route-support.ts'
import { isSoonConnected } from './status-routes.ts'

const Figures = only({
  mode: Type.String({ description: '`leader`, `follower`, `observer`, `standalone`, `read-only`.' }),
  version: Type.String(),
  zxid: Zxid,
  latency: only(
    { min: Type.Number(), average: Type.Number(), max: Type.Number() },
    'Of requests, in milliseconds, since the server began or was told to count anew.',
  ),
  received: Type.Number({ description: 'Packets.' }),
  sent: Type.Number({ description: 'Packets.' }),
  connections: Type.Number(),
  outstanding: Type.Number({ description: 'Requests under way.' }),
  nodes: Type.Number({ description: 'Znodes.' }),
})

const Member = only({
  sid: Type.Union([Type.String(), Type.Null()], { description: 'The number of the server, where it is known.' }),
  address: Type.String({ description: 'For clients.' }),
  self: Type.Boolean({ description: 'Whether the gateway is connected to it.' }),
  voting: Type.Union([Type.Boolean(), Type.Null()]),
  figures: Type.Union([Figures, Type.Null()], { description: 'What it says of itself (`srvr`).' }),
  problem: Type.Union([Type.String(), Type.Null()], { description: 'Why it says nothing.' }),
})

const Leader = only({
  at: Type.Integer({ description: 'Since when, in milliseconds since 1970.' }),
  leader: Type.Union([Type.String(), Type.Null()], {
    description: 'The number of the server, or its address; null: nobody leads.',
  }),
  epoch: Type.Integer(),
})

const decoder = new TextDecoder()

/** Who is in the ensemble, and how they do. */
export function ensembleRoutes(app: App, context: Context): void {
  const { servers, client, clock } = context.settings
  const survey = new EnsembleSurvey(servers, client.tls !== undefined, clock)
  app.get(
    '/ensemble',
    {
      schema: {
        operationId: 'getEnsemble',
        summary: 'The members of the ensemble, and what each says of itself.',
        tags: ['status'],
        response: answers(
          only({
            now: Type.Integer({ description: 'When this was answered, in milliseconds since 1970.' }),
            members: Type.Array(Member),
            leaders: Type.Array(Leader, {
              description:
                'Who has led, the oldest first, as far as somebody has asked; empty where a server stands alone.',
            }),
          }),
        ),
      },
    },
    (request) =>
      asCaller(context, request, async (zk, { key }) => {
        // Who asks what is the matter is not to wait for it to be over.
        const isConnected = zk.state === 'connected' || zk.state === 'read-only' || (await isSoonConnected(zk))
        const { members, leaders } = await survey.members(key, isConnected ? await readConfig(zk) : null)
        const self = selfOf(members, zk.server)
        return {
          now: clock.wallMs(),
          members: members.map((member) => ({ ...member, self: member === self })),
          leaders: [...leaders],
        }
      }),
  )
}

/** Nothing where the caller may not read it; null where nobody can be asked. */
async function readConfig(zk: ZooKeeper): Promise<string | null> {
  try {
    const { data } = await zk.getConfig()
    return decoder.decode(data ?? undefined)
  } catch (error) {
    return KeeperError.is(error, 'NOAUTH', 'NONODE') ? '' : null
  }
}

/** The member that the gateway is connected to: the same server may have several names, but seldom two ports. */
function selfOf(members: readonly SurveyedMember[], server: string | null): SurveyedMember | null {
  const portOf = (address: string | null): string => address?.slice(address.lastIndexOf(':')) ?? ''
  const samePort = members.filter(({ address }) => portOf(address) === portOf(server))
  if (members.length === 1) return members[0] ?? null
  return members.find(({ address }) => address === server) ?? (samePort.length === 1 ? (samePort[0] ?? null) : null)
}
