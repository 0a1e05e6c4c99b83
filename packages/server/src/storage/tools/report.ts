import type { Finding, Repair } from './finding.ts'

/** What an examination has to say, as it comes to it. */
export class Report {
  readonly findings: Finding[] = []
  readonly repairs: Repair[] = []

  note(severity: Finding['severity'], path: string | null, text: string): void {
    this.findings.push({ severity, path, text })
  }

  offer(repair: Repair): void {
    this.repairs.push(repair)
  }
}
