import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv'
import type { FastifySchemaCompiler } from 'fastify'
import type { TSchema } from 'typebox'

/** Queries are text: `limit=20` is a number there, and one `path` a list. What a body says is what it says. */
const options = { allErrors: false, removeAdditional: false, useDefaults: true, validateSchema: false } as const
const ofText = new Ajv({ ...options, coerceTypes: 'array' })
const ofBodies = new Ajv({ ...options, coerceTypes: false })

interface Validator {
  (data: unknown): boolean
  errors?: ErrorObject[] | null
}

/** Judges requests by the schemas that describe them. Those that nobody uses are not compiled: that takes long at the start. */
export const validators: FastifySchemaCompiler<TSchema> = ({ schema, httpPart }) => {
  let compiled: ValidateFunction | null = null
  const validator: Validator = (data) => {
    compiled ??= (httpPart === 'body' ? ofBodies : ofText).compile(schema)
    const isValid = compiled(data)
    validator.errors = compiled.errors ?? null
    return isValid
  }
  return validator
}
