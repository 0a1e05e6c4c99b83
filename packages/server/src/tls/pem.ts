/** One block of a PEM file. */
export interface PemBlock {
  /** `CERTIFICATE`, `PRIVATE KEY`, `X509 CRL` … */
  readonly label: string
  /** With its first and last line. */
  readonly text: string
}

/** The blocks of a PEM file, in their order; what stands between them is explanation. */
export function pemBlocks(text: string): PemBlock[] {
  const blocks = text.matchAll(/-----BEGIN ([A-Z0-9 ]+)-----[\sA-Za-z0-9+/=:,-]*?-----END \1-----/g)
  return [...blocks].map(([block, label]) => ({ label: label!, text: `${block}\n` }))
}
