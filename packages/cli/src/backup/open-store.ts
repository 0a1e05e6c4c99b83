import type { Disk } from '@vivarium/env'
import { type BackupStore, DirectoryStore } from '@vivarium/server/backup'
import { CliError } from '../shell/failure.ts'

/** The environment variables that Amazon's own tools have for the same. */
interface S3Environment {
  readonly [name: string]: string | undefined
}

/** A directory, or `s3://bucket/prefix`. @throws {CliError} without credentials */
export async function openStore(disk: Disk, target: string, environment: S3Environment): Promise<BackupStore> {
  const [, bucket = '', path = ''] = /^s3:\/\/([^/]+)\/?(.*)$/.exec(target) ?? []
  if (bucket === '') {
    if (/^[a-z0-9]+:\/\//i.test(target))
      throw new CliError(`${target}: a directory, or s3://bucket/prefix, is wanted`, 2)
    return new DirectoryStore(disk, target)
  }
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = environment
  if (!accessKeyId || !secretAccessKey) {
    throw new CliError(`${target} needs AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment`, 2)
  }
  const { S3Store } = await import('./s3-store.ts')
  const prefix = path.replace(/\/+$/, '')
  return new S3Store({
    bucket,
    prefix: prefix === '' ? '' : `${prefix}/`,
    endpoint: environment.AWS_ENDPOINT_URL_S3 ?? environment.AWS_ENDPOINT_URL,
    region: environment.AWS_REGION ?? environment.AWS_DEFAULT_REGION ?? 'us-east-1',
    accessKeyId,
    secretAccessKey,
    sessionToken: environment.AWS_SESSION_TOKEN,
  })
}
