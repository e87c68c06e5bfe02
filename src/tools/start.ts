/**
 * Starts the whole service on this machine: database, Envoy and gRPC server, each a separate process that
 * is stopped together with this one. `npm start` runs it.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { isIPv6 } from 'node:net';
import { join, relative } from 'node:path';
import { ConfigError, readConfig, requireMarkFile, type Config } from '../config.ts';
import { assertAnswers, createOrm, DatabaseError, freePort, isPortFree, migrate, startPostgres } from '../db/index.ts';
import { engines } from '../engines/index.ts';
import { keySource } from '../master-keys.ts';
import { renderEnvoy } from '../rpc/index.ts';
import { entitiesOf } from '../schema.ts';
import { applyFile } from './apply.ts';
import { grantTo } from './database.ts';
import { startChild, type Child } from './child.ts';
import { askEnvoy } from './envoy-admin.ts';
import { checkEnvoy, findEnvoy } from './envoy-binary.ts';
import { checkMark, MarkError } from '../mark/index.ts';
import { serves } from './health.ts';
import { endLeftBehind, forgetStarted, noteStarted } from './left-behind.ts';
import { stopSignal } from './stop-on-signal.ts';

/** How long the server and Envoy may take until both serve. */
const READY_MS = 30_000;
const DEMO = join(import.meta.dirname, 'demo.yaml');
const MAIN = join(import.meta.dirname, '../main.ts');

/** Why the service cannot start or continue: one line for the person who started it. */
class StartError extends Error {}

interface Ports {
  readonly http: number;
  readonly grpc: number;
  readonly metrics: number;
  /** Of gRPC in plain text on this machine, as Envoy takes it; 0: `grpc` is. */
  readonly edge: number;
}

const say = (line: string): void => console.log(line);
/** A socket's path may have 107 bytes: the shorter one of two. */
function adminSocket({ dataDir }: Config): string {
  const path = join(dataDir, 'envoy.sock');
  const near = relative(process.cwd(), path);
  return near.length < path.length ? near : path;
}
const at = (host: string, port: number): string => `${isIPv6(host) ? `[${host}]` : host}:${port}`;

/** Runs the service until it is stopped. Throws if it cannot start, or if one of its parts exits. */
async function run(config: Config): Promise<void> {
  mkdirSync(config.dataDir, { recursive: true });
  await clearTheWay(config);
  await keySource(config).read();
  requireMarkFile(config);
  const children: Child[] = [];
  const signal = stopSignal(() => children.forEach((child) => child.kill()));
  await using parts = new AsyncDisposableStack();
  const envoyPath = await findEnvoy({ say });
  if (envoyPath !== null) await checkEnvoy(envoyPath);
  const databaseUrl = await openDatabase(config, parts);
  const ports = await choosePorts(config);
  children.push(...startChildren(config, ports, databaseUrl, envoyPath, parts));
  noteStarted(config.dataDir, children);
  parts.defer(() => forgetStarted(config.dataDir));
  const broken = Promise.race(
    children.map(async (child) => {
      throw new StartError(await child.ended);
    }),
  );
  const stopped = await Promise.race([signal, broken, ready(config, ports, envoyPath !== null)]);
  if (stopped === undefined) {
    if (config.demo) await applyDemo(plainGrpc(config, ports));
    tellReady(config, ports, envoyPath !== null);
    await Promise.race([signal, broken]);
  }
  say('Stopping; calls in flight are finished...');
}

/** Stops the processes that a killed start left behind, then checks that every port is free. */
async function clearTheWay(config: Config): Promise<void> {
  const running = await endLeftBehind(config.dataDir);
  if (running !== null) {
    throw new StartError(`the service already runs from ${config.dataDir}, as process ${running}`);
  }
  const { host, httpPort, grpcPort, metricsPort, metricsHost } = config;
  const wanted = [
    ['HTTP_PORT', httpPort, host],
    ['GRPC_PORT', grpcPort, host],
    ['METRICS_PORT', metricsPort, metricsHost],
  ] as const;
  for (const [variable, port, address] of wanted) {
    if (port === 0 || (await isPortFree(port, address))) continue;
    throw new StartError(
      `${variable} ${port} is in use on ${address}: end what listens there, or choose ` +
        `another, as in ${variable}=${port + 1} npm start`,
    );
  }
}

/** The ports of the settings; free ones for those that are 0. */
async function choosePorts({ httpPort, grpcPort, metricsPort, host, metricsHost, tls }: Config): Promise<Ports> {
  return {
    http: httpPort || (await freePort(host)),
    grpc: grpcPort || (await freePort(host)),
    metrics: metricsPort || (await freePort(metricsHost)),
    edge: tls === null ? 0 : await freePort(),
  };
}

/** Where gRPC is in plain text. */
const plainGrpc = (config: Config, ports: Ports): string =>
  ports.edge === 0 ? at(config.host, ports.grpc) : at('127.0.0.1', ports.edge);

/** Starts the embedded database unless another one is configured, and migrates it. Returns its URL for the server. */
async function openDatabase(config: Config, parts: AsyncDisposableStack): Promise<string> {
  let { databaseUrl: server, migrationUrl: url } = config;
  if (server === null) {
    say('Starting the database...');
    const postgres = await startPostgres({ folder: join(config.dataDir, 'postgres'), say });
    parts.defer(() => postgres.stop());
    [url, server] = [postgres.url, postgres.serverUrl];
  }
  await assertAnswers(server);
  url ??= server;
  if (url !== server) await assertAnswers(url);
  if (config.markFile !== null) await checkMark(url, config.markFile, config.mode === 'development');
  const orm = createOrm({ databaseUrl: url, databasePool: 1 }, entitiesOf(engines));
  try {
    const migrations = await migrate(orm);
    if (migrations.length > 0) say(`Migrated the database: ${migrations.join(', ')}`);
    await grantTo(orm, server);
  } finally {
    await orm.close();
  }
  return server;
}

/** Envoy is started first, so that it is stopped last: it forwards responses until the server has drained. */
function startChildren(
  config: Config,
  ports: Ports,
  databaseUrl: string,
  envoyPath: string | null,
  parts: AsyncDisposableStack,
): Child[] {
  const envoy = envoyPath === null ? null : startEnvoy(config, ports, envoyPath);
  if (envoy !== null) parts.defer(() => envoy.stop(2000));
  say('Starting the server...');
  const server = startChild({
    name: 'the server',
    command: process.execPath,
    args: [MAIN],
    env: {
      ...process.env,
      DATABASE_URL: databaseUrl,
      WINDFALL_MODE: config.mode,
      GRPC_PORT: String(ports.grpc),
      METRICS_PORT: String(ports.metrics),
      EDGE_PORT: String(ports.edge),
      DATA_DIR: config.dataDir,
      MARK_FILE: config.markFile ?? '',
    },
    log: join(config.dataDir, 'server.log'),
  });
  parts.defer(() => server.stop(config.drainMs + 2000));
  if (envoy === null) return [server];
  parts.defer(() => refuseNewCalls(adminSocket(config)));
  return [server, envoy];
}

function startEnvoy(config: Config, ports: Ports, command: string): Child {
  say('Starting Envoy...');
  const file = join(config.dataDir, 'envoy.yaml');
  writeFileSync(
    file,
    renderEnvoy({
      httpPort: ports.http,
      grpcPort: ports.edge || ports.grpc,
      adminSocket: adminSocket(config),
      host: config.host,
      grpcHost: ports.edge === 0 ? config.host : '127.0.0.1',
      tls: config.tls?.files ?? null,
      trustedProxies: config.trustedProxies,
    }),
  );
  return startChild({
    name: 'Envoy',
    command,
    // Hot restart uses numbered shared memory: two services on one machine would conflict.
    args: ['--config-path', file, '--disable-hot-restart', '--log-level', 'warning', '--drain-time-s', '1'],
    log: join(config.dataDir, 'envoy.log'),
  });
}

async function refuseNewCalls(socket: string): Promise<void> {
  await askEnvoy(socket, '/drain_listeners?graceful&skip_exit', 'POST').catch(() => undefined);
}

/** The lootboxes, the player and the balance that the examples use. */
async function applyDemo(address: string): Promise<void> {
  const changes = await applyFile({ file: DEMO, address, userName: 'demo', password: 'demo' });
  if (changes.length > 0) say(`Applied the demo catalogue: ${changes.length} changes`);
}

const restUrl = ({ host, tls }: Config, { http }: Ports): string =>
  `http${tls === null ? '' : 's'}://${at(host, http)}`;

/** Waits until gRPC and REST both serve. */
async function ready(config: Config, ports: Ports, rest: boolean): Promise<undefined> {
  if (await serves(plainGrpc(config, ports), rest ? restUrl(config, ports) : null, READY_MS)) return undefined;
  const seconds = READY_MS / 1000;
  throw new StartError(`the service does not answer after ${seconds} s: see the logs in ${config.dataDir}`);
}

function thingsToTry(http: string, demo: boolean): string[] {
  if (!demo) return [];
  const key = "-H 'authorization: Bearer wf_test_demo'";
  return [
    'Three things to try:',
    `  curl ${http}/v1/lootbox`,
    `  curl -X POST ${http}/v1/lootbox/welcome-box/open ${key} -d '{"user_id":"StarlordV7"}'`,
    `  curl ${http}/v1/players/StarlordV7/balances ${key}\n`,
  ];
}

function tellReady(config: Config, ports: Ports, rest: boolean): void {
  const grpc = at(config.host, ports.grpc);
  const http = restUrl(config, ports);
  say(`\n  gRPC      ${grpc}`);
  if (rest) say(`  REST      ${http}`);
  say(`  Metrics   http://${at(config.metricsHost, ports.metrics)}/metrics`);
  say(`  Logs      ${join(config.dataDir, 'server.log')}\n`);
  if (rest) thingsToTry(http, config.demo).forEach(say);
  const faces = `${rest ? `REST on ${http}, ` : ''}gRPC on ${grpc}`;
  say(`Windfall is ready: ${faces}, ${config.mode} mode. Ctrl-C stops it.`);
}

try {
  await run(readConfig());
} catch (error) {
  const expected = [StartError, ConfigError, DatabaseError, MarkError].some((kind) => error instanceof kind);
  console.error(expected ? `Windfall cannot run: ${(error as Error).message}` : error);
  process.exitCode = 1;
}
process.exit();
