/** Which methods there are at a path: for whoever tries another one. */
export class RouteMethods {
  readonly #routes: { readonly pattern: RegExp; readonly methods: readonly string[] }[] = []

  /** @param url with parameters as in `/sessions/:session` */
  add(methods: string | readonly string[], url: string): void {
    const pattern = new RegExp(`^${url.replaceAll('.', '\\.').replace(/:\w+/g, '[^/]+')}$`)
    this.#routes.push({ pattern, methods: typeof methods === 'string' ? [methods] : methods })
  }

  of(path: string): string[] {
    return this.#routes.flatMap(({ pattern, methods }) => (pattern.test(path) ? methods : []))
  }
}
