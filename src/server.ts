import type { Logger } from 'pino';
import { Definitions, Versions } from './catalogue/index.ts';
import { requireMarkFile, type Config } from './config.ts';
import { createOrm, createReads, Pulse } from './db/index.ts';
import { servicesOf, takeEffect, type Engine } from './engines/index.ts';
import { Events } from './events/index.ts';
import { Beacon } from './fairness/index.ts';
import { startFollowing } from './following.ts';
import { Journal, readEpoch, rowNumbers, type ReceiptSigner } from './journal/index.ts';
import { chain } from './kernel/index.ts';
import { KeyRing } from './key-ring.ts';
import { Live } from './live/index.ts';
import { MarkKeeper } from './mark/index.ts';
import { deriveKey, type KeySource } from './master-keys.ts';
import { gatherReceipts, type Platform } from './platform/index.ts';
import { Identify, Players } from './players/index.ts';
import {
  compileRequestHash,
  createServer,
  itemChecks,
  loadContract,
  Metrics,
  type Contract,
  type Limits,
  type RequestHash,
  type RpcServer,
} from './rpc/index.ts';
import { entitiesOf, registerOf } from './schema.ts';
import { groundEvents, groundServices, groundTasks, readBuild } from './services/index.ts';
import { Tasks } from './tasks/index.ts';
import { Authenticator, bootstrapDemo, Directory, Login } from './tenants/index.ts';
import { subscribedTo } from './webhooks/index.ts';

/** The time limit of reads that callers wait for. */
const STATEMENT_MS = 8000;

/** The parts of a server, besides its settings. */
export interface Parts {
  readonly keys: KeySource;
  readonly log: Logger;
  /** Ends the process: the database may repeat seeds, or a new epoch has begun. */
  readonly fatal: (error: Error) => void;
  readonly engines: readonly Engine[];
  /** The descriptor set of the contract. */
  readonly contract: string | URL;
}

/** A server that is assembled, but not bound to a port yet. */
export interface Windfall {
  readonly rpc: RpcServer;
  readonly metrics: Metrics;
  /** Finishes what is queued and closes all connections. Drain `rpc` first. */
  close(): Promise<void>;
}

type ServerConfig = Config & { readonly databaseUrl: string };

/** Assembles the service. It knows no engine by name. */
export async function createWindfall(
  config: ServerConfig,
  { keys: source, log, fatal, engines, contract: file }: Parts,
): Promise<Windfall> {
  const contract = loadContract(file);
  const { databaseUrl, rootPassword: root } = config;
  const mark = await openMark(config, { log, fatal });
  const orm = createOrm({ ...config, statementMs: STATEMENT_MS }, entitiesOf(engines));
  const keyFault = (error: unknown): void => log.error({ err: error }, 'the master keys are not read again');
  const ring = await KeyRing.open({ source, orm, root, fault: keyFault }, await readEpoch(orm.em.fork()));
  if (config.demo) await bootstrapDemo(orm, contract.scopes);
  const fault = (err: unknown, command: string, id?: string): void => log.error({ err, command, id }, 'fault');
  const stop = new AbortController();
  const platform = createPlatform(config, { orm, contract, ring, engines, mark, fault, log, stopping: stop.signal });
  const events = eventsOf(platform, contract, engines);
  const metrics = new Metrics();
  const pulse = new Pulse(databaseUrl);
  let stopping = false;
  const build = readBuild(file);
  const rpc = createServer({
    contract,
    log,
    metrics,
    etagKey: deriveKey(ring.first, `etag ${JSON.stringify(build)}`),
    authenticate: platform.authenticator.authenticate,
    services: [
      ...groundServices(
        platform,
        { owners: engines.flatMap(({ account }) => account ?? []), events },
        { build, isStopping: () => stopping, databaseAnswers: () => pulse.beats() },
      ),
      ...engines.flatMap((engine) => servicesOf(engine, platform)),
    ],
    limits: limitsOf(config),
    tls: config.tls,
    reflection: config.mode === 'development',
  });
  const { registry } = metrics;
  const following = startFollowing({ databaseUrl, platform, events, registry, log, fault });
  const tasks = new Tasks({ databaseUrl, fault }, platform, [
    takeEffect(engines.map(({ definition }) => definition)),
    ...groundTasks,
    ...engines.flatMap((engine) => engine.tasks ?? []),
  ]);
  const listening = async (type: string): Promise<number[]> => [
    ...new Set([...events.listened(type), ...(await subscribedTo(platform.reads, type))]),
  ];
  const background = engines.flatMap((engine) => engine.background?.(platform, { listening, fault }) ?? []);
  return {
    rpc: {
      ...rpc,
      drain(times) {
        stopping = true;
        return rpc.drain(times);
      },
    },
    metrics,
    async close() {
      pulse.close();
      stop.abort();
      await Promise.all([tasks, platform.live, ...background].map((one) => one.stop()));
      await Promise.all([platform.journal.close(), following.stop()]);
      await Promise.all([ring.close(), mark.close()]);
      await orm.close();
    },
  };
}

const limitsOf = (config: Config): Partial<Limits> => ({
  caller: { perSecond: config.rateLimit, burst: config.rateLimit },
  player: { perSecond: config.rateLimit / 20, burst: Math.max(20, config.rateLimit / 20) },
  throttled: { perSecond: 0.5, burst: config.throttle },
  throttledCaller: { perSecond: 50, burst: 10 * config.throttle },
  wrong: { perSecond: 10, burst: 5 * config.throttle },
  lists: Math.ceil(config.databasePool / 2),
  trustedProxies: config.trustedProxies,
});

/** All types of events and callbacks. */
function eventsOf(platform: Platform, { registry }: Contract, engines: readonly Engine[]): Events {
  return new Events(
    { ...platform, registry },
    [...groundEvents, ...engines.flatMap((engine) => engine.events ?? [])],
    engines.flatMap(({ callbacks }) => callbacks ?? []),
  );
}

/** Checks the database against its mark before anything is written. Throws a MarkError. */
async function openMark(config: ServerConfig, { log, fatal }: Pick<Parts, 'log' | 'fatal'>): Promise<MarkKeeper> {
  const { databaseUrl, mode } = config;
  const file = requireMarkFile(config);
  if (file === null) log.info('no mark is kept: in development only the embedded database has one without MARK_FILE');
  const fault = (error: unknown): void => log.error({ err: error }, 'the mark is not written');
  return MarkKeeper.open({ databaseUrl, file, forgiving: mode === 'development', fault, fatal });
}

interface Sources extends Pick<Parts, 'engines' | 'log'> {
  readonly orm: ReturnType<typeof createOrm>;
  readonly contract: Contract;
  readonly mark: MarkKeeper;
  readonly ring: KeyRing;
  readonly fault: (error: unknown, name: string, id?: string) => void;
  readonly stopping: AbortSignal;
}

function createPlatform(config: ServerConfig, sources: Sources): Platform {
  const { orm, contract, ring, engines, mark, fault, log, stopping } = sources;
  const reads = createReads(orm);
  const register = registerOf(engines);
  const tenants = new Directory(reads);
  const assetCode = (operator: number, asset: number): string => tenants.assetCode(operator, asset);
  const admit = mark.admit.bind(mark);
  const receipts: ReceiptSigner = {
    nameOf: (operator) => chain(tenants.of(operator), ({ name }) => name),
    sign: ring.sign.bind(ring),
  };
  const { databaseUrl, lanes, mode } = config;
  const development = mode === 'development';
  const journal = new Journal({ databaseUrl, register, receipts, admit, fault, assetCode }, lanes);
  const { seeds: keys, tokens } = ring;
  const newId = rowNumbers(reads);
  const versions = new Versions(reads);
  const draws = engines.flatMap((engine) => engine.draws({ reads, keys, tenants, versions }));
  const players = new Players({ reads, journal, newId, seeds: keys });
  return {
    mode,
    orm,
    reads,
    register,
    journal,
    keys,
    receiptKeys: () => ring.receiptKeys(),
    draws: new Map(draws.map((draw) => [draw.kind, draw])),
    webhookKeys: ring.webhookKeys(),
    receipts: gatherReceipts(reads, register),
    beacon: new Beacon(config.beacon.chain, config.beacon.urls),
    tenants,
    players,
    tokens,
    newId,
    identify: new Identify(tenants, players),
    definitions: new Definitions(reads, tenants),
    versions,
    live: new Live({ reads, register, fault }),
    stopping,
    authenticator: new Authenticator({ reads, directory: tenants, tokens, development, demo: config.demo }),
    login: new Login({
      reads,
      demo: config.demo,
      root: config.rootPassword,
      tell: (login) => log.info(login, 'log-in'),
    }),
    scopes: contract.scopes,
    requestHash: requestHashes(contract),
    itemCheck: itemChecks(contract),
    codeOf: (reason) => contract.reasons.get(reason)!.code,
  };
}

/** One compiled hash function per RPC. */
function requestHashes(contract: Contract): (path: string) => RequestHash {
  const known = new Map<string, RequestHash>();
  return (path) => {
    let hash = known.get(path);
    if (hash === undefined)
      known.set(path, (hash = compileRequestHash(contract, contract.methods.get(path)!.desc.input.typeName)));
    return hash;
  };
}
