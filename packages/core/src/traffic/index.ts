export { NamespaceTraffic, type TrafficSink, type TrafficSinks } from './namespace-traffic.ts'
