import { crossSiteReason, type SiteRequest } from './cross-site.ts'
import { isAllowedHost } from './host-rule.ts'

/** Why a request is not answered. */
export interface Refusal {
  readonly status: 403 | 421
  readonly code: 'CrossSite' | 'HostNotAllowed'
  readonly detail: string
}

/**
 * What a request is refused with that a page of somebody else's may have caused, by a name that it let point here or across
 * sites; null if it is none. Whatever shows the console something asks it, beside the gateway itself.
 *
 * @param allowedHosts names, in lower case, besides those that no page can take
 */
export function refusalOf(request: SiteRequest, allowedHosts: ReadonlySet<string>): Refusal | null {
  if (!isAllowedHost(request.headers.host, allowedHosts)) {
    const detail = 'nobody is known by that name here: see --allow-host and admin.gateway.allowedHosts'
    return { status: 421, code: 'HostNotAllowed', detail }
  }
  const reason = crossSiteReason(request)
  return reason === null
    ? null
    : { status: 403, code: 'CrossSite', detail: `requests of other sites are refused: ${reason}` }
}
