import { EXPOSITION_TYPE, exposition } from '../admin/exposition.ts'
import { inPieces } from '../admin/in-pieces.ts'
import type { AdminView } from '../admin/view.ts'
import { type HttpOptions, type HttpService, listenForHttp, sendText } from './http-service.ts'
import { ProcessMetrics } from './process-metrics.ts'
import { sendPieces } from './send-pieces.ts'

/** Shows metrics to Prometheus at `/metrics` (PrometheusMetricsProvider). */
export async function startMetricsServer(view: AdminView, options: HttpOptions): Promise<HttpService> {
  const process = view.config.metricsOfProcess ? new ProcessMetrics(view) : null
  try {
    const service = await listenForHttp(options, async (request, response) => {
      const [path] = (request.url ?? '/').split('?')
      if (path !== '/metrics') return sendText(response, 404, 'text/plain', 'Metrics are at /metrics\n')
      await Promise.all([view.figures.refreshFileDescriptors(), process?.refresh()])
      response.writeHead(200, { 'Content-Type': EXPOSITION_TYPE })
      await sendPieces(response, inPieces(all(view, process)))
    })
    const close = (): Promise<void> => {
      process?.stop()
      return service.close()
    }
    return { ...service, close }
  } catch (error) {
    process?.stop()
    throw error
  }
}

function* all(view: AdminView, process: ProcessMetrics | null): Iterable<string> {
  yield* exposition(view.metrics)
  if (process !== null) yield process.text()
}
