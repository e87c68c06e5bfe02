export type { Authenticate, Credentials } from './chain.ts';
export type { Context } from './call.ts';
export { loadContract, option, type Contract, type MethodPolicy } from './contract.ts';
export { compileRequestHash, type RequestHash } from './request-hash.ts';
export type {
  Definition,
  Handler,
  Implementation,
  RequestOf,
  ResponseOf,
  Service,
  ServiceDefinition,
} from './implementation.ts';
export { edgeDescriptors, edgeTables } from './edge-contract.ts';
export { LIMITS, type Limits } from './limits.ts';
export { Metrics } from './metrics.ts';
export { renderEnvoy, type EnvoySettings } from './envoy-config.ts';
export { itemChecks } from './validation/items.ts';
export { createServer, type DrainTimes, type RpcServer, type ServerOptions, type ServerTls } from './server.ts';
