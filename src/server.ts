import type { Logger } from 'pino';
import { AuthServiceService } from '../gen/windfall/auth/v1/auth.ts';
import { FairnessServiceService } from '../gen/windfall/fairness/v1/fairness.ts';
import { JackpotServiceService } from '../gen/windfall/jackpot/v1/jackpot.ts';
import { JournalServiceService } from '../gen/windfall/journal/v1/journal.ts';
import { LedgerServiceService } from '../gen/windfall/ledger/v1/ledger.ts';
import { LootboxServiceService } from '../gen/windfall/lootbox/v1/lootbox.ts';
import { PlayerServiceService } from '../gen/windfall/player/v1/player.ts';
import { deriveKey, type Config } from './config.ts';
import { createOrm, createSql } from './db/index.ts';
import { jackpotCatalogue, jackpotDraws, jackpotService, JackpotTimers } from './engines/jackpot/index.ts';
import { lootboxDraws, lootboxService } from './engines/lootbox/index.ts';
import type { Platform } from './engines/index.ts';
import { fairnessService, MasterKeys } from './fairness/index.ts';
import { Followers, Journal, journalService, rowNumbers } from './journal/index.ts';
import { ledgerService, rollUp } from './ledger/index.ts';
import { Identify, playerService, Players } from './players/index.ts';
import { compileRequestHash, createServer, loadContract, Metrics, type RequestHash, type RpcServer } from './rpc/index.ts';
import { Authenticator, authService, bootstrapDemo, Directory, Login, Tokens } from './tenants/index.ts';

const CONTRACT = new URL('../gen/api.binpb', import.meta.url);
/** The id of the configured master key; streams remember under which one their seeds were published. */
const MASTER_KEY_ID = '1';

/** A server that is put together and not bound yet. */
export interface Windfall {
  readonly rpc: RpcServer;
  readonly metrics: Metrics;
  /** Finishes what is queued and closes all connections. Drain `rpc` first. */
  close(): Promise<void>;
}

/** Puts the service together: the only place that knows every engine. */
export async function createWindfall(
  config: Config & { readonly databaseUrl: string }, masterKey: Buffer, log: Logger,
): Promise<Windfall> {
  const contract = loadContract(CONTRACT);
  const { databaseUrl } = config;
  const { sql, close: closeSql } = createSql(databaseUrl, config.databasePool);
  const orm = createOrm(config);
  if (config.demo) await bootstrapDemo(orm);
  const fault = (error: unknown, name: string, id?: string): void => log.error({ err: error, command: name, id }, 'fault');

  const tenants = new Directory(sql);
  const journal = new Journal({ databaseUrl, fault, assetCode: (operator, asset) => tenants.assetCode(operator, asset) }, config.lanes);
  const keys = new MasterKeys([[MASTER_KEY_ID, deriveKey(masterKey, 'fairness')]], MASTER_KEY_ID);
  const newId = rowNumbers(sql);
  const players = new Players({ sql, journal, newId, keyId: keys.currentId });
  const identify = new Identify(tenants, players);
  const tokens = new Tokens(deriveKey(masterKey, 'auth'));
  const authenticator = new Authenticator({ sql, directory: tenants, tokens, demo: config.demo });
  const requestHash = requestHashes((messageType) => compileRequestHash(contract, messageType));

  const platform: Platform = {
    sql, journal, keys, tenants, newId, requestHash,
    identify: (request, caller) => identify.ensure(request, caller),
    find: (request, caller) => identify.find(request, caller),
  };
  const jackpots = jackpotCatalogue(platform);
  const metrics = new Metrics();
  const rpc = createServer({
    contract, log, metrics,
    authenticate: authenticator.authenticate,
    services: [
      [AuthServiceService, authService({
        orm, directory: tenants, tokens, authenticator, mode: config.mode, login: new Login(sql, config.demo),
      })],
      [PlayerServiceService, playerService({
        players, identify, tenants, requestHash,
        issueToken: (player, ttlSeconds) => tokens.issuePlayer(player, ttlSeconds),
      })],
      [LedgerServiceService, ledgerService(platform)],
      [FairnessServiceService, fairnessService(platform, [lootboxDraws(sql, keys), ...jackpotDraws(sql, keys)])],
      [JournalServiceService, journalService({
        sql,
        brand: async (caller, brandId) => (await tenants.of(caller.operator)).brand(caller, brandId),
        assetCode: (operator, asset) => tenants.assetCode(operator, asset),
      })],
      [LootboxServiceService, lootboxService(platform)],
      [JackpotServiceService, jackpotService(platform, jackpots)],
    ],
    limits: {
      caller: { perSecond: config.rateLimit, burst: config.rateLimit },
      throttled: { perSecond: 0.5, burst: config.throttle },
    },
    tls: config.tls,
    reflection: config.mode === 'development',
  });
  const followers = new Followers({
    databaseUrl, fault,
    operators: async () => (await sql('select operator_id from operator order by 1')).map(([id]) => Number(id)),
  }, [rollUp]);
  const timers = new JackpotTimers({ sql, journal, fault }, jackpots);
  return {
    rpc, metrics,
    async close() {
      await timers.stop();
      await Promise.all([journal.close(), followers.stop()]);
      await Promise.all([closeSql(), orm.close()]);
    },
  };
}

/** One compiled hash a message type. */
function requestHashes(compile: (messageType: string) => RequestHash): (messageType: string) => RequestHash {
  const known = new Map<string, RequestHash>();
  return (messageType) => {
    let hash = known.get(messageType);
    if (hash === undefined) known.set(messageType, hash = compile(messageType));
    return hash;
  };
}
