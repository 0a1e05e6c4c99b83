/** What is used of the package `koffi`, which calls functions of libraries that are written in C. */
export interface Koffi {
  load(path: string): ForeignLibrary
  struct(members: Readonly<Record<string, ForeignType | string>>): ForeignType
  pointer(type: ForeignType | string): ForeignType
  out(type: ForeignType): ForeignType
  inout(type: ForeignType): ForeignType
  /** @param length of a text: −1 where it ends with a zero */
  decode(address: unknown, type: string, length?: number): unknown
  view(address: Address, bytes: number): ArrayBuffer
}

export interface ForeignLibrary {
  func(name: string, result: string, parameters: readonly (ForeignType | string)[]): ForeignFunction
  /** The address of a variable. */
  symbol(name: string): Address
}

/** A function whose result is a status. */
export interface ForeignFunction {
  (...args: readonly unknown[]): number
  /** Calls it in another thread. The last argument is called back with an error, or null, and the result. */
  async(...args: readonly unknown[]): void
}

/**
 * Loads the package, if whoever runs this has installed it.
 *
 * @throws {Error} if it is not there
 */
export async function loadKoffi(): Promise<Koffi> {
  // Not a text in the import itself: what is only loaded on demand is not bundled, nor missed by who compiles.
  const name: string = 'koffi'
  const loaded: { readonly default: Koffi } = await import(name)
  return loaded.default
}

/** What koffi makes of types is only handed back to it. */
export type ForeignType = object

/** What stands behind it only the library knows. */
export type Address = bigint | null
