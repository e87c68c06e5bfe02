/**
 * The server process: gRPC, metrics, and a graceful shutdown. `npm start` runs it together with Envoy and the database.
 */
import { isIPv6 } from 'node:net';
import { pino } from 'pino';
import { ConfigError, readConfig } from './config.ts';
import { engines } from './engines/index.ts';
import { MarkError } from './mark/index.ts';
import { keySource } from './master-keys.ts';
import { createWindfall } from './server.ts';

/** Two health checks of the edge: after that it sends no more calls. */
const NOTICE_MS = 2500;
const CONTRACT = new URL('../gen/api.binpb', import.meta.url);

async function main(): Promise<void> {
  const config = readConfig();
  const { databaseUrl } = config;
  if (databaseUrl === null)
    throw new ConfigError('DATABASE_URL is unset: npm start runs the server with the embedded database');
  const log = pino({ level: config.logLevel, base: null, timestamp: pino.stdTimeFunctions.isoTime });
  const fatal = (error: Error): void => {
    log.fatal(error.message);
    process.exit(1);
  };
  const windfall = await createWindfall(
    { ...config, databaseUrl },
    { keys: keySource(config), log, fatal, engines, contract: CONTRACT },
  );
  const host = isIPv6(config.host) ? `[${config.host}]` : config.host;
  if (config.edgePort !== 0) await windfall.rpc.bindPlain(`127.0.0.1:${config.edgePort}`);
  const grpcPort = await windfall.rpc.bind(`${host}:${config.grpcPort}`);
  const metrics = await windfall.metrics.serve(config.metricsPort, config.metricsHost);
  log.info({ grpc_port: grpcPort, metrics_port: metrics.port }, 'serving');
  process.send?.({ ready: true, grpcPort, metricsPort: metrics.port });

  let stopping = false;
  const stop = async (): Promise<void> => {
    if (stopping) return;
    stopping = true;
    log.info('draining');
    await windfall.rpc.drain({ waitMs: Math.min(NOTICE_MS, config.drainMs), limitMs: config.drainMs });
    await windfall.close();
    await metrics.close();
    log.info('stopped');
    process.exit(0);
  };
  process.on('SIGTERM', () => void stop());
  process.on('SIGINT', () => void stop());
}

try {
  await main();
} catch (error) {
  const line =
    error instanceof ConfigError || error instanceof MarkError
      ? { msg: error.message }
      : { msg: 'cannot start', err: { message: (error as Error).message } };
  console.error(JSON.stringify({ level: 60, ...line }));
  process.exit(1);
}
