import { type Holding, LeaderLatch, WaitTimeoutError } from '@vivarium/client/recipes'
import { Type } from 'typebox'
import type { Context } from '../context.ts'
import type { App } from '../http/type-provider.ts'
import type { Held } from '../recipes/held.ts'
import { Path } from '../schemas/common.ts'
import { Holder, heldRoutes, hold, NewlyHeld, WaitMs } from './held-routes.ts'
import { answers, only, TokenHeaders } from './route-support.ts'

/** Elections, in the layout of Curator's LeaderLatch. */
export function electionRoutes(app: App, context: Context): void {
  app.post(
    '/elections',
    {
      config: { writes: true },
      schema: {
        operationId: 'joinElection',
        summary: 'Makes the session a candidate, which leads when its turn comes.',
        tags: ['elections'],
        headers: TokenHeaders,
        body: only({
          path: Path,
          id: Type.Optional(Type.String({ maxLength: 1000, description: 'What others see of the candidate.' })),
          timeoutMs: Type.Optional({ ...WaitMs, description: 'How long to wait for the lead. Default: not at all.' }),
          ...Holder,
        }),
        response: answers(NewlyHeld, 201),
      },
    },
    async (request, reply) => {
      const { path, id } = request.body
      const timeoutMs = Math.min(request.body.timeoutMs ?? 0, context.settings.limits.waitMs)
      const candidate = await hold(context, request, reply, request.body, async ({ zk }, signal) => {
        const held = new Candidate(new LeaderLatch(zk, path, { id, certainty: 'lost' }))
        try {
          await held.wait(timeoutMs, signal)
          return held
        } catch (error) {
          await held.release()
          throw error
        }
      })
      return reply.code(201).send(candidate)
    },
  )
  heldRoutes(app, context, {
    url: '/elections',
    kind: 'candidate',
    tag: 'elections',
    name: 'Candidate',
    phrase: 'candidate',
  })
}

/** At least so long is waited, so that what is wrong with the path shows at once, and so does a lead that is free. */
const LEAST_WAIT_MS = 100

class Candidate implements Held {
  readonly kind = 'candidate'
  readonly path: string
  readonly #latch: LeaderLatch
  #leadership: Holding | null = null

  constructor(latch: LeaderLatch) {
    this.path = latch.path
    this.#latch = latch
    latch.onChange((leadership) => {
      this.#leadership = leadership
    })
  }

  get node(): string | null {
    return this.#leadership?.path ?? null
  }

  get isHeld(): boolean {
    return this.#latch.isLeader
  }

  get token(): number | null {
    return this.isHeld ? (this.#leadership?.token ?? null) : null
  }

  async wait(timeoutMs: number, signal: AbortSignal): Promise<void> {
    await this.#latch.leadership({ timeoutMs: Math.max(timeoutMs, LEAST_WAIT_MS), signal }).catch((error) => {
      if (!(error instanceof WaitTimeoutError)) throw error
    })
  }

  release(): Promise<void> {
    return this.#latch.close()
  }
}
