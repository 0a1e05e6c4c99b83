import { render } from 'preact'
import { followStatus } from './api/status.ts'
import { followAddress } from './shell/route.ts'
import { Shell } from './shell/shell.tsx'
import { followKeys } from './shell/shortcuts.tsx'

followAddress()
followKeys()
followStatus()
render(<Shell />, document.getElementById('app')!)
