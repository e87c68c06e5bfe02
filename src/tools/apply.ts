/**
 * Applies a file of definitions through the API:
 *
 *   npm run apply -- catalogue.yaml
 *
 * Each section is a list of an engine's definitions, under the name that its List RPC returns them: lootboxes,
 * jackpots. An entry is the JSON of the Create request. Definitions are created, or updated if they differ: fields that
 * the file omits do not change, and an empty list clears a list if the update can distinguish empty from unset. Missing
 * players are created; a transfer is made once for its key. Applying a file again changes nothing. Templates, instances
 * and sources of pots are made once, and do not change. Logs in as ADMIN_USER with ADMIN_PASSWORD at GRPC_ADDRESS
 * (defaults: demo, demo and the local server). With GRPC_TLS=yes over TLS: GRPC_CA is a PEM file of whom to trust
 * (unset: TLS_CERT, else the system's authorities), GRPC_CERT and GRPC_KEY are the client's own certificate.
 */
import { readFileSync } from 'node:fs';
import type { ServiceError } from '@grpc/grpc-js';
import { readCatalogue } from './catalogue-file.ts';
import { fileSections, methodOf } from './file-sections.ts';
import { JsonClient, readRegistry, textOf, type ClientTls } from './json-client.ts';

/** The contract of this checkout's server. */
const CONTRACT = new URL('../../gen/api.binpb', import.meta.url);

/** What to apply, where, and as whom. */
export interface ApplyOptions {
  readonly file: string;
  /** Such as "127.0.0.1:50051". */
  readonly address: string;
  readonly userName: string;
  readonly password: string;
  /** Null or unset: plain text. */
  readonly tls?: ClientTls | null;
  /**
   * The descriptor set whose definitions the file may contain; unset: this checkout's. Log-in, players and transfers
   * always use this checkout's.
   */
  readonly contract?: string | URL;
}

/**
 * Applies a file. Returns a line for each change. Throws an Error that names the entry that failed; for a section or a
 * field that the contract does not have, before anything is changed.
 */
export async function applyFile(options: ApplyOptions): Promise<string[]> {
  const { file, address, userName: username, password, contract = CONTRACT } = options;
  const core = readRegistry(CONTRACT);
  const registry = contract === CONTRACT ? core : readRegistry(contract);
  const entries = readCatalogue(file, fileSections(registry, core), registry);
  using client = new JsonClient(address, registry, options.tls);
  const logIn = methodOf(core, 'windfall.auth.v1.AuthService', 'LoginAdmin');
  const { token } = await client.call(logIn, { username, password });
  client.authorize(textOf(token));
  const changes: string[] = [];
  for (const { section, id, entry } of entries) {
    const what = `${section.noun} ${id}`;
    const change = await named(what, section.apply(entry, client.call));
    if (change !== null) changes.push(`${what}: ${change}`);
  }
  return changes;
}

async function named<T>(what: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw new Error(`${what}: ${(error as ServiceError).details ?? (error as Error).message}`, { cause: error });
  }
}

function readTls(env: NodeJS.ProcessEnv): ClientTls | null {
  const { GRPC_TLS: wanted, GRPC_CA: ca = env['TLS_CERT'], GRPC_CERT: cert, GRPC_KEY: key } = env;
  if (wanted !== 'yes') return null;
  const pem = (file: string): string => readFileSync(file, 'utf8');
  return { ca: ca ? pem(ca) : null, own: cert && key ? { cert: pem(cert), key: pem(key) } : null };
}

if (import.meta.main) {
  const file = process.argv[2];
  if (file === undefined) {
    console.error('Name the file: npm run apply -- catalogue.yaml');
    process.exit(1);
  }
  try {
    const changes = await applyFile({
      file,
      address: process.env['GRPC_ADDRESS'] ?? `127.0.0.1:${process.env['GRPC_PORT'] ?? 50051}`,
      userName: process.env['ADMIN_USER'] ?? 'demo',
      password: process.env['ADMIN_PASSWORD'] ?? 'demo',
      tls: readTls(process.env),
    });
    for (const change of changes) console.log(change);
    console.log(changes.length === 0 ? 'Nothing to change.' : `${changes.length} changes.`);
  } catch (error) {
    console.error(`Cannot apply ${file}: ${(error as Error).message}`);
    process.exit(1);
  }
}
