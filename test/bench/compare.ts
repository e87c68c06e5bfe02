/**
 * This checkout against another one, in turns in one run:
 *
 *   OTHER=/path/to/another/checkout npm run bench -- compare
 *
 * The other checkout must be set up (`npm install` in it). Each has a server and a database of its own in one
 * PostgreSQL, made through its own API. Writes are compared by their rate, reads by the CPU time of the server.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import {
  BatchContributeRequest,
  ContributeToJackpotRequest,
  GetJackpotRequest,
} from '../../gen/ts/windfall/jackpot/v1/jackpot.ts';
import { ListBalancesRequest, ListTransfersRequest } from '../../gen/ts/windfall/ledger/v1/ledger.ts';
import { OpenLootboxRequest } from '../../gen/ts/windfall/lootbox/v1/lootbox.ts';
import { startPostgres } from '../../src/db/index.ts';
import { runCommand } from '../support/command.ts';
import { runSql } from '../support/sql.ts';
import { DRAWN, makeSelected, ONE, SELECTED } from './jackpot-template.ts';
import { SERVICE_HEADERS } from './players.ts';
import { A_KEY, A_PLAYER } from './template.ts';
import type { Case, Suite, SuiteOptions } from './case.ts';

const HERE = resolve(import.meta.dirname, '../..');
const UNARY = new URL('drivers/unary.ts', import.meta.url);
const STREAM = new URL('drivers/stream.ts', import.meta.url);
/** The demo's, which costs something. */
const BOX = 'gold-box';

interface Side {
  readonly name: 'before' | 'now';
  readonly url: string;
  readonly address: string;
  readonly pid: number;
  stop(): Promise<void>;
}

/** Migrates a database with a checkout's own code, whichever shape that has. */
const MIGRATE = `
const [root, url] = process.argv.slice(1);
const { createOrm, migrate } = await import(root + '/src/db/index.ts');
const schema = await import(root + '/src/schema.ts').catch(() => null);
const engines = schema && (await import(root + '/src/engines/index.ts')).engines;
const orm = createOrm({ databaseUrl: url, databasePool: 1 }, ...(schema ? [schema.entitiesOf(engines)] : []));
await migrate(orm);
await orm.close();`;

async function serve(root: string, name: Side['name'], url: string): Promise<Side> {
  await runIn(root, MIGRATE, [url]);
  const child = spawn(process.execPath, [join(root, 'src/main.ts')], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    cwd: root,
    env: {
      ...process.env,
      DATABASE_URL: url,
      WINDFALL_MODE: 'development',
      MASTER_KEY: '5eed'.repeat(16),
      GRPC_PORT: '0',
      METRICS_PORT: '0',
      LOG_LEVEL: 'warn',
      DRAIN_MS: '100',
      RATE_LIMIT: '10000000',
      THROTTLE: '1000000',
    },
  });
  const exited = new Promise<void>((done) => child.once('exit', () => done()));
  const { grpcPort } = await new Promise<{ grpcPort: number }>((done) =>
    child.once('message', (message) => done(message as { grpcPort: number })),
  );
  const side: Side = {
    name,
    url,
    address: `127.0.0.1:${grpcPort}`,
    pid: child.pid!,
    async stop() {
      child.kill();
      await exited;
    },
  };
  return side;
}

/** Fills a server with a checkout's own code and its own demo, because contracts may differ. */
const FILL = `
const [root, address, players] = process.argv.slice(1);
const { applyFile } = await import(root + '/src/tools/apply.ts');
const { makeJackpots } = await import(root + '/test/bench/jackpot-template.ts');
const { makePlayers } = await import(root + '/test/bench/players.ts');
await applyFile({ file: root + '/src/tools/demo.yaml', address, userName: 'demo', password: 'demo' });
await makeJackpots(address);
await makePlayers(address, Number(players), 'WINZ', '1000000');`;

async function runIn(root: string, script: string, args: readonly string[]): Promise<void> {
  const { code, output } = await runCommand('node', ['--input-type=module', '-e', script, root, ...args]);
  if (code !== 0) throw new Error(output);
}

type Asked = readonly [
  name: string,
  path: string,
  template: Uint8Array,
  inFlight: number,
  stream: boolean,
  aim: string,
];

const item = (id: string): ContributeToJackpotRequest =>
  ContributeToJackpotRequest.fromPartial({ id, userId: A_PLAYER, amount: 0.5, idempotencyKey: A_KEY });
const one = (id: string): Uint8Array => ContributeToJackpotRequest.encode(item(id)).finish();
const chunk = (n: number, id: string): Uint8Array =>
  BatchContributeRequest.encode({ items: Array.from({ length: n }, () => item(id)) }).finish();
const open = OpenLootboxRequest.encode(
  OpenLootboxRequest.fromPartial({ id: BOX, userId: A_PLAYER, idempotencyKey: A_KEY }),
).finish();
const JACKPOT = '/windfall.jackpot.v1.JackpotService/';
const LEDGER = '/windfall.ledger.v1.LedgerService/';

/** What is left of the rate of before, at least. */
const CHUNKS = '≥ 0.85';
const SINGLES = '≥ 0.95';
const stream = (name: string, id: string, items: number, messages: number, aim: string): Asked => [
  `${name}, ${items} × ${messages}`,
  `${JACKPOT}StreamContributions`,
  chunk(items, id),
  messages,
  true,
  aim,
];
const unary = (name: string, id: string): Asked => [name, `${JACKPOT}ContributeToJackpot`, one(id), 64, false, SINGLES];

const WRITES: readonly Asked[] = [
  stream('stream', ONE, 100, 10, CHUNKS),
  stream('stream', ONE, 64, 4, CHUNKS),
  stream('stream', ONE, 1, 256, SINGLES),
  unary('unary', ONE),
  ...Object.entries(SELECTED).flatMap(([selector, id]) => [
    stream(`drawn, ${selector}`, id, 100, 10, CHUNKS),
    unary(`unary, drawn, ${selector}`, id),
  ]),
  ['OpenLootbox', '/windfall.lootbox.v1.LootboxService/OpenLootbox', open, 64, false, SINGLES],
];
// The key is in a field that these requests do not have: unknown fields are ignored, and each call is one item.
const keyed = (bytes: Uint8Array): Uint8Array =>
  Buffer.concat([bytes, Buffer.from([0xfa, 0x3f, A_KEY.length]), Buffer.from(A_KEY)]);
const READS_AIM = '≤ 1.3';
const READS: readonly Asked[] = [
  [
    'GetJackpot',
    `${JACKPOT}GetJackpot`,
    keyed(GetJackpotRequest.encode(GetJackpotRequest.fromPartial({ id: DRAWN })).finish()),
    8,
    false,
    READS_AIM,
  ],
  [
    'ListBalances',
    `${LEDGER}ListBalances`,
    keyed(ListBalancesRequest.encode(ListBalancesRequest.fromPartial({ userId: A_PLAYER })).finish()),
    8,
    false,
    READS_AIM,
  ],
  [
    'ListTransfers',
    `${LEDGER}ListTransfers`,
    keyed(ListTransfersRequest.encode(ListTransfersRequest.fromPartial({ userId: A_PLAYER, asset: 'WINZ' })).finish()),
    8,
    false,
    READS_AIM,
  ],
];

function casesOf(before: Side, now: Side, playerCount: number): Case[] {
  const both =
    (by: 'rate' | 'cpu') =>
    ([name, path, template, inFlight, batch, aim]: Asked): Case[] => {
      const of = (side: Side): Case => ({
        name: `${name}, ${side.name}`,
        inFlight,
        driver: batch ? STREAM : UNARY,
        server: side.pid,
        database: side.url,
        options: { address: side.address, path, headers: SERVICE_HEADERS, template, playerCount, batch },
      });
      const old = of(before);
      return [old, { ...of(now), against: { other: old, by, aim } }];
    };
  return [...WRITES.flatMap(both('rate')), ...READS.flatMap(both('cpu'))];
}

/** Starts both servers and fills their databases alike. */
export async function start({ quick, say }: SuiteOptions): Promise<Suite> {
  const other = process.env['OTHER'];
  if (other === undefined) throw new Error('OTHER is unset: give the path of the checkout to compare with');
  const playerCount = quick ? 500 : 5000;
  const folder = mkdtempSync(join(tmpdir(), 'windfall-bench-'));
  const postgres = await startPostgres({ folder });
  const ends: (() => Promise<unknown>)[] = [
    async () => rmSync(folder, { recursive: true, force: true }),
    () => postgres.stop(),
  ];
  const stop = async (): Promise<void> => {
    for (const end of ends.splice(0).reverse()) await end();
  };
  try {
    const sides: Side[] = [];
    for (const [root, name] of [
      [resolve(other), 'before'],
      [HERE, 'now'],
    ] as const) {
      say(`filling the database of ${name}`);
      await runSql(postgres.url.replace(/windfall$/, 'postgres'), `create database ${name}`);
      const side = await serve(root, name, postgres.url.replace(/windfall$/, name));
      ends.push(() => side.stop());
      await runIn(root, FILL, [side.address, String(playerCount)]);
      await makeSelected(side.address);
      await runSql(side.url, 'vacuum analyze');
      sides.push(side);
    }
    const [before, now] = sides as [Side, Side];
    return {
      cases: casesOf(before, now, playerCount),
      postmaster: postgres.pid,
      settings: [],
      check: async () => [],
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
