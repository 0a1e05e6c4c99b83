// One client under one load, in a process of its own: a ThroughputSpec as JSON in its one argument, a Throughput as JSON out.
import { measure, type ThroughputSpec } from './measure.ts'
import { openSubject } from './open-subject.ts'

const spec = JSON.parse(process.argv[2] ?? '{}') as ThroughputSpec
// Clients write to standard output, some of them at every step.
console.log = () => {}

openSubject(spec.subject, spec.port, spec.packages)
  .then((subject) => measure(subject, spec))
  .then(
    (result) => process.send?.(result, () => process.exit(0)),
    (error: Error) => {
      console.error(error.message)
      process.exit(1)
    },
  )
