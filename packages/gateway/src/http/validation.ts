import { Ajv, type ValidateFunction } from 'ajv'
import type { FastifySchemaCompiler } from 'fastify'
import type { TSchema } from 'typebox'

/** Queries are text: `limit=20` is a number there, and one `path` a list. What a body says is what it says. */
const options = { allErrors: false, removeAdditional: false, useDefaults: true, strict: true } as const
const ofText = new Ajv({ ...options, coerceTypes: 'array' })
const ofBodies = new Ajv({ ...options, coerceTypes: false })

/** Judges requests by the schemas that describe them. */
export const validators: FastifySchemaCompiler<TSchema> = ({ schema, httpPart }): ValidateFunction =>
  (httpPart === 'body' ? ofBodies : ofText).compile(schema)
