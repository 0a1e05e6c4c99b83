import type { IncomingHttpHeaders } from 'node:http'

/** What a cross-site check looks at. */
export interface SiteRequest {
  readonly method: string
  readonly headers: IncomingHttpHeaders
}

/**
 * Why a request may be another site's, made by the browser of someone who has a page of it open; null if it is not. Programs
 * that are no browsers send none of the headers that tell, and are let through.
 */
export function crossSiteReason({ method, headers }: SiteRequest): string | null {
  const site = headers['sec-fetch-site']
  if (typeof site === 'string' && site !== 'same-origin' && site !== 'none') {
    // A link to here may be followed from anywhere; what it shows stays in its own page.
    const isLink =
      method === 'GET' && headers['sec-fetch-mode'] === 'navigate' && headers['sec-fetch-dest'] === 'document'
    if (!isLink) return `Sec-Fetch-Site is ${site}`
  }
  const { origin } = headers
  if (origin !== undefined && !isOriginOf(origin, headers.host)) return `Origin is ${origin}`
  return null
}

/** The scheme is not compared: a proxy before the gateway may have spoken TLS. */
function isOriginOf(origin: string, host: string | undefined): boolean {
  try {
    const { protocol, host: from } = new URL(origin)
    return (protocol === 'http:' || protocol === 'https:') && from === new URL(`${protocol}//${host}`).host
  } catch {
    return false
  }
}
