import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { BEACON_URLS, type BeaconChain } from './fairness/index.ts';
import { placeOutside } from './mark/index.ts';
import {
  address,
  chain,
  KEY_ADVICE,
  key,
  networks,
  oneOf,
  optional,
  password,
  port,
  text,
  url,
  urls,
  whole,
} from './readers.ts';

/** A setting that cannot be used: one line that names its variable. Never contains the value of a secret. */
export class ConfigError extends Error {}

/**
 * The settings, read from the environment once. Ports may be 0: any free one.
 *
 * | variable      | unset       | what it is |
 * |---------------|-------------|------------|
 * | HOST          | 127.0.0.1   | the address that REST and gRPC listen on |
 * | HTTP_PORT     | 8080        | REST, by Envoy |
 * | GRPC_PORT     | 50051       | gRPC |
 * | METRICS_PORT  | 9464        | Prometheus metrics, in plain text and for everyone who can reach it |
 * | METRICS_HOST  | 127.0.0.1   | the address that it listens on |
 * | DATA_DIR      | ./data      | the embedded database, and the master key of development |
 * | DATABASE_URL  |             | a PostgreSQL to use instead of the embedded one (secret) |
 * | MIGRATION_URL |             | the same for its owner, who migrates it and grants servers what they need (secret) |
 * | DATABASE_POOL | 10          | connections for administration and reads, 1 to 200; lanes have their own |
 * | LANES         | 1           | write connections, 1 to 16: more make batches smaller; useful only with spare cores |
 * | ENVOY_BIN     |             | the Envoy to run; unset: the one on PATH, or one that is fetched |
 * | ENVOY_SHA256  |             | the hash that it must have; a fetched one is checked against its own |
 * | LOG_LEVEL     | info        | trace, debug, info, warn, error or silent |
 * | WINDFALL_MODE |             | development or production; unset: development if all is on this machine |
 * | MASTER_KEY    |             | 64 hexadecimal digits (secret); development stores one in DATA_DIR |
 * | MASTER_KEY_FILE |           | or a file of keys, a line each: id, digits, time of first use (RFC 3339) |
 * | MASTER_KEY_COMMAND |        | or a command that prints such lines, as from a KMS |
 * | MASTER_KEY_COMMAND_SECONDS | 10 | how often it is asked again, 1 to 3600 |
 * | ROOT_PASSWORD |             | of root, who creates operators: 16 to 256 characters (secret); unset: there is none |
 * | MARK_FILE     |             | a file outside DATA_DIR: what the database must have; development keeps one |
 * | TLS_CERT      |             | a PEM file: REST and gRPC over TLS, together with TLS_KEY; read at start |
 * | TLS_KEY       |             | a PEM file |
 * | TLS_CLIENT_CA |             | a PEM file of authorities: only clients with a certificate of theirs may connect |
 * | ALLOW_PLAINTEXT |           | yes: HOST may be beyond this machine without TLS, as behind a proxy that has it |
 * | TRUSTED_PROXIES |           | addresses and networks of proxies in front: their x-forwarded-for is believed |
 * | EDGE_PORT     | 0           | set by npm start where there is TLS: plain gRPC on 127.0.0.1, for Envoy; 0: none |
 * | DRAIN_MS      | 10000       | how long calls in flight may take when the service stops, to 300000 |
 * | RATE_LIMIT    | 20000       | calls per second of one caller, 1 to 10000000; of a player a twentieth; a stream |
 * |               |             | counts as five, and five items of a batch, or rewards that are drawn, as one more |
 * | THROTTLE      | 20          | log-ins and proofs that one address may request at once, 1 to 1000000; |
 * |               |             | one more every 2 s; with a credential 10 × as many proofs; 5 × as many wrong ones |
 * | BEACON_URLS   | drand.sh …  | servers of drand, for raffles with a beacon, separated by commas; none is trusted |
 * | BEACON_CHAIN  | quicknet    | hash,public key,genesis time,period of the chain of drand that rounds are from |
 */
const READERS = {
  HOST: address,
  HTTP_PORT: port(8080),
  GRPC_PORT: port(50_051),
  METRICS_PORT: port(9464),
  METRICS_HOST: address,
  DATA_DIR: text('./data'),
  DATABASE_URL: url,
  MIGRATION_URL: url,
  DATABASE_POOL: whole(10, 1, 200),
  LANES: whole(1, 1, 16),
  LOG_LEVEL: oneOf('info', 'trace', 'debug', 'warn', 'error', 'silent'),
  WINDFALL_MODE: oneOf('', 'development', 'production'),
  MASTER_KEY: key,
  MASTER_KEY_FILE: optional,
  MASTER_KEY_COMMAND: optional,
  MASTER_KEY_COMMAND_SECONDS: whole(10, 1, 3600),
  ROOT_PASSWORD: password,
  MARK_FILE: optional,
  TLS_CERT: optional,
  TLS_KEY: optional,
  TLS_CLIENT_CA: optional,
  ALLOW_PLAINTEXT: oneOf('', 'yes'),
  TRUSTED_PROXIES: networks,
  EDGE_PORT: port(0),
  DRAIN_MS: whole(10_000, 0, 300_000),
  RATE_LIMIT: whole(20_000, 1, 10_000_000),
  THROTTLE: whole(20, 1, 1_000_000),
  BEACON_URLS: urls(BEACON_URLS),
  BEACON_CHAIN: chain,
};

const SECRETS = new Set<string>(['DATABASE_URL', 'MIGRATION_URL', 'MASTER_KEY', 'MASTER_KEY_COMMAND', 'ROOT_PASSWORD']);

type Variable = keyof typeof READERS;
type Values = { [V in Variable]: ReturnType<(typeof READERS)[V]> };
type Environment = Readonly<Record<string, string | undefined>>;

/** TLS of REST and gRPC: as PEM, and the files that it is from. */
export interface Tls {
  readonly cert: string;
  readonly key: string;
  /** The authorities of clients' certificates; null: clients need none. */
  readonly clientCa: string | null;
  readonly files: { readonly cert: string; readonly key: string; readonly clientCa: string | null };
}

/** The settings of the process; see the table of variables. */
export interface Config {
  readonly mode: 'development' | 'production';
  /** Whether the fixed credentials of the demo work: in development, and only if HOST is loopback. */
  readonly demo: boolean;
  readonly host: string;
  readonly httpPort: number;
  readonly grpcPort: number;
  readonly metricsPort: number;
  readonly metricsHost: string;
  /** Where Envoy reaches gRPC in plain text, on this machine; 0: nowhere besides `grpcPort`. */
  readonly edgePort: number;
  readonly dataDir: string;
  /** Null: the embedded database; and its owner is that of `databaseUrl`. */
  readonly databaseUrl: string | null;
  readonly migrationUrl: string | null;
  readonly databasePool: number;
  readonly lanes: number;
  readonly logLevel: Values['LOG_LEVEL'];
  /** The key that all other keys are derived from. At most one of these three is given; none: that of `dataDir`. */
  readonly masterKey: Buffer | null;
  readonly masterKeyFile: string | null;
  readonly masterKeyCommand: string | null;
  readonly masterKeyCommandMs: number;
  /** The password of root. Null: there is no root. */
  readonly rootPassword: string | null;
  /** The file that says what the database must have, kept each second. Null: development keeps none. */
  readonly markFile: string | null;
  /** Null: plain text. */
  readonly tls: Tls | null;
  readonly trustedProxies: readonly string[];
  readonly drainMs: number;
  readonly rateLimit: number;
  readonly throttle: number;
  readonly beacon: { readonly urls: readonly string[]; readonly chain: BeaconChain };
}

/** Reads the settings. Throws a ConfigError for the first one that cannot be used. */
export function readConfig(env: Environment = process.env): Config {
  const values = readValues(env);
  const loopback = isLoopback(values.HOST);
  const own = loopback && values.DATABASE_URL === null;
  const mode = values.WINDFALL_MODE || (own ? 'development' : 'production');
  checkKeySource(values, mode);
  if (values.MIGRATION_URL !== null && values.DATABASE_URL === null)
    throw new ConfigError('DATABASE_URL is unset: MIGRATION_URL needs it');
  const tls = readTls(values);
  if (!loopback && tls === null && values.ALLOW_PLAINTEXT !== 'yes')
    throw new ConfigError(`HOST is ${values.HOST}, without TLS: ${TLS_ADVICE}`);
  return Object.freeze({
    mode,
    demo: mode === 'development' && loopback,
    host: values.HOST,
    httpPort: values.HTTP_PORT,
    grpcPort: values.GRPC_PORT,
    metricsPort: values.METRICS_PORT,
    metricsHost: values.METRICS_HOST,
    edgePort: values.EDGE_PORT,
    dataDir: resolve(values.DATA_DIR),
    databaseUrl: values.DATABASE_URL,
    migrationUrl: values.MIGRATION_URL,
    databasePool: values.DATABASE_POOL,
    lanes: values.LANES,
    logLevel: values.LOG_LEVEL,
    masterKey: values.MASTER_KEY,
    masterKeyFile: values.MASTER_KEY_FILE,
    masterKeyCommand: values.MASTER_KEY_COMMAND,
    masterKeyCommandMs: 1000 * values.MASTER_KEY_COMMAND_SECONDS,
    rootPassword: values.ROOT_PASSWORD,
    markFile: readMarkFile(values, mode),
    tls,
    trustedProxies: values.TRUSTED_PROXIES,
    drainMs: values.DRAIN_MS,
    rateLimit: values.RATE_LIMIT,
    throttle: values.THROTTLE,
    beacon: { urls: values.BEACON_URLS, chain: values.BEACON_CHAIN },
  });
}

const isLoopback = (host: string): boolean => host === '::1' || host.startsWith('127.');

const TLS_ADVICE = 'set TLS_CERT and TLS_KEY, or ALLOW_PLAINTEXT=yes if something in front of it has TLS';

function checkKeySource({ MASTER_KEY, MASTER_KEY_FILE, MASTER_KEY_COMMAND }: Values, mode: Config['mode']): void {
  const given = Object.entries({ MASTER_KEY, MASTER_KEY_FILE, MASTER_KEY_COMMAND }).filter(([, one]) => one !== null);
  if (mode === 'production' && given.length === 0)
    throw new ConfigError(`MASTER_KEY is unset: outside development ${KEY_ADVICE}, or MASTER_KEY_FILE`);
  if (given.length > 1) throw new ConfigError(`${given[0]![0]} and ${given[1]![0]} are both set: give one of them`);
}

function readValues(env: Environment): Values {
  return Object.fromEntries(
    Object.entries(READERS).map(([variable, read]) => {
      const given = env[variable] || undefined;
      try {
        return [variable, read(given)];
      } catch (advice) {
        const what = SECRETS.has(variable) ? 'cannot be used' : `is "${given}"`;
        throw new ConfigError(`${variable} ${what}: ${String(advice)}`);
      }
    }),
  ) as Values;
}

/** The place of the mark. A copy of the data folder that is put back must not bring an old mark with it. */
function readMarkFile({ MARK_FILE: file, DATA_DIR: data, DATABASE_URL: url }: Values, mode: Config['mode']) {
  if (file === null) return mode === 'development' && url === null ? `${resolve(data)}.mark` : null;
  const place = placeOutside(resolve(data), resolve(file));
  if (place === null) throw new ConfigError(`MARK_FILE is "${file}": choose a place outside the data folder`);
  return place;
}

/** The file of the mark. Throws a ConfigError if there must be one. */
export function requireMarkFile({ markFile, mode }: Config): string | null {
  if (markFile !== null || mode === 'development') return markFile;
  throw new ConfigError('MARK_FILE is unset: outside development name a file outside the data folder');
}

function readTls({ TLS_CERT: cert, TLS_KEY: privateKey, TLS_CLIENT_CA: clientCa }: Values): Config['tls'] {
  if (cert === null && privateKey === null) {
    if (clientCa !== null) throw new ConfigError('TLS_CERT is unset: TLS_CLIENT_CA needs it');
    return null;
  }
  if (cert === null || privateKey === null) {
    throw new ConfigError(`${cert === null ? 'TLS_CERT' : 'TLS_KEY'} is unset: TLS needs both files`);
  }
  return {
    cert: readPem('TLS_CERT', cert),
    key: readPem('TLS_KEY', privateKey),
    clientCa: clientCa === null ? null : readPem('TLS_CLIENT_CA', clientCa),
    files: { cert: resolve(cert), key: resolve(privateKey), clientCa: clientCa === null ? null : resolve(clientCa) },
  };
}

function readPem(variable: Variable, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    throw new ConfigError(`${variable} is "${path}": there is no file to be read there`);
  }
}
