export { createGateway, type Gateway } from './gateway.ts'
export type { GatewayLimits, GatewayOptions } from './gateway-options.ts'
export { type ListenOptions, type RunningGateway, startGateway } from './start-gateway.ts'
