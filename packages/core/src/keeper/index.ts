export { type KeeperExtensions, keeperRouteOf } from './extensions.ts'
