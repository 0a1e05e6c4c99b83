/** Names and types of some JSON: what is by time or session is one of each. Numbers keep whether they have a fraction. */
export function shape(text: string): unknown {
  const marked = text.replace(
    / : (-?\d+)(\.\d+(?:E-?\d+)?)?/g,
    (_, _whole, fraction) => ` : "${fraction ? 'fraction' : 'whole'}"`,
  )
  return shapeOf(JSON.parse(marked))
}

function shapeOf(value: unknown, key = ''): unknown {
  if (Array.isArray(value)) return value.length === 0 ? [] : [shapeOf(value[0])]
  if (value === null) return null
  if (typeof value === 'object') {
    const entries = Object.keys(value).map((name) => [withoutKeys(name), name] as const)
    return Object.fromEntries(
      entries
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([name, own]) => [name, shapeOf((value as Record<string, unknown>)[own], own)]),
    )
  }
  return key === 'error' || key === 'command' || value === 'whole' || value === 'fraction' ? value : typeof value
}

/** The name of a field or metric without what differs from server to server: ids, namespaces. */
export function withoutKeys(name: string): string {
  if (/^\d+$/.test(name)) return 'number'
  return name
    .replace(/(avg|min|max|cnt|sum)_.+_((?:read|write)_per_namespace)$/, '$1_KEY_$2')
    .replace(/(avg|min|max|cnt|sum|p50|p95|p99|p999)_\d+_/, '$1_KEY_')
}
