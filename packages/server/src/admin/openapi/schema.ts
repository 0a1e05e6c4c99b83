/** A part of JSON Schema, as OpenAPI 3.1 has it: what is said of the answers of commands. */
export type Schema =
  | { readonly type: 'string' | 'boolean' | 'integer' | 'number'; readonly description?: string }
  | { readonly type: readonly ['string', 'null'] }
  | { readonly type: 'array'; readonly items: Schema }
  | ObjectSchema

export interface ObjectSchema {
  readonly type: 'object'
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  /** What else may be there; false: nothing. */
  readonly additionalProperties: Schema | boolean
}

export const text: Schema = { type: 'string' }
export const yesNo: Schema = { type: 'boolean' }
export const whole: Schema = { type: 'integer' }
export const number: Schema = { type: 'number' }
export const list = (items: Schema): Schema => ({ type: 'array', items })

/** An object with just these fields, all of them there but for those named in `optional`. */
export const object = (
  properties: Readonly<Record<string, Schema>>,
  optional: readonly string[] = [],
): ObjectSchema => ({
  type: 'object',
  properties,
  required: Object.keys(properties).filter((name) => !optional.includes(name)),
  additionalProperties: false,
})

/** An object whose keys nobody knows before. */
export const keyed = (values: Schema): ObjectSchema => ({ type: 'object', additionalProperties: values })
