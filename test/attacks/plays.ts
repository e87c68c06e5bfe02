import { setTimeout as sleep } from 'node:timers/promises';
import type { JsonObject } from '@bufbuild/protobuf';
import { methods } from '../support/api.ts';
import { runSql } from '../support/sql.ts';
import { each, judge, tally, type Attack } from './attack.ts';
import { startProduction } from './production.ts';
import { codeOf, ended, framed, grpcCall, session } from './raw.ts';
import { decoded, encoded } from './requests.ts';
import type { Scene } from './scene.ts';

const ANSWER_MAX_MB = 16;
/** What a player may open of a free box without a limit, with what a bucket is full of at first. */
const OPENS_PER_SECOND_MAX = 20_000;
const BATCH = '/windfall.lootbox.v1.LootboxService/BatchOpen';

interface Batch {
  /** What each item came to, or the call. */
  readonly outcomes: readonly string[];
  readonly mb: number;
}

/** Sends the same batch some times at once, as raw bytes: a client's own bounds must not spare the server. */
async function sendBatches(scene: Scene, count: number, items: JsonObject[]): Promise<Batch[]> {
  const headers = await scene.as('service');
  return each(count, count, async () => {
    const keyed = items.map((item) => ({ ...item, idempotency_key: scene.unique('key') }));
    const bytes = framed(encoded('LootboxService.BatchOpen', { items: keyed }));
    const connection = session(scene.server.address, '127.0.0.1', { initialWindowSize: 2 ** 25 });
    const call = grpcCall(connection, BATCH, { ...headers, 'grpc-timeout': '30S' });
    call.end(bytes);
    const answer = await ended(call);
    connection.destroy();
    return { outcomes: outcomesOf(answer), mb: answer.bytes / 1e6 };
  });
}

function outcomesOf({ status, body }: { status: string; body: Buffer }): string[] {
  if (status !== '0') return [codeOf(status)];
  const { results } = decoded('LootboxService.BatchOpen', body) as { results: { failure?: { reason: string } }[] };
  return results.map(({ failure }) => failure?.reason ?? 'opened');
}

function largest(name: string, times: number): Attack {
  return {
    name,
    before: 'all others waited 28 s, 319 MB of answer, 2 GB of memory (issue)',
    async run(scene) {
      const id = await scene.box({ rolls: 20 });
      const items = Array.from({ length: 1000 }, () => ({ id, user_id: 'greedy', count: 100 }));
      const started = performance.now();
      const result = await sendBatches(scene, times, items);
      const seconds = ((performance.now() - started) / 1000).toFixed(1);
      const mb = Math.max(...result.map((one) => one.mb));
      const statuses = tally(result.flatMap(({ outcomes }) => outcomes));
      return judge(`${statuses} after ${seconds} s, ${mb.toFixed(1)} MB`, {
        [`an answer of ${mb.toFixed(0)} MB`]: mb > ANSWER_MAX_MB,
      });
    },
  };
}

const freeBoxes: Attack = {
  name: 'one player opens a free box without limits, as often as batches can, for three seconds',
  before: '100,000 opens a second (issue)',
  async run(scene) {
    const id = await scene.box();
    const user_id = scene.unique('opener');
    const items = Array.from({ length: 100 }, () => ({ id, user_id, count: 100 }));
    const started = performance.now();
    const outcomes: string[] = [];
    while (performance.now() - started < 3000)
      for (const batch of await sendBatches(scene, 4, items)) outcomes.push(...batch.outcomes);
    const seconds = (performance.now() - started) / 1000;
    const opens = Math.round((100 * outcomes.filter((outcome) => outcome === 'opened').length) / seconds);
    return judge(`${opens.toLocaleString('en')} opens a second; batches of 100: ${tally(outcomes)}`, {
      [`${opens.toLocaleString('en')} opens a second`]: opens > OPENS_PER_SECOND_MAX,
    });
  },
};

const players = async (scene: Scene): Promise<number> =>
  Number((await runSql(scene.databaseUrl, 'select count(*) from player'))[0].count);

const readers: Attack = {
  name: 'a key that may only read names players who do not exist',
  before: 'made a player of each name (issue)',
  async run(scene) {
    const headers = await scene.as('only read');
    const before = await players(scene);
    const reads = [...methods].filter(
      ([, { name, methodKind }]) => methodKind === 'unary' && /^(Get|List|Find)/.test(name),
    );
    const outcomes = await each(reads.length, 8, async (n) => {
      const [rpc, { input }] = reads[n]!;
      const named = input.fields.map(({ jsonName }) => jsonName);
      const request: JsonObject = {};
      for (const field of ['user_id', 'player_id']) if (named.includes(field)) request[field] = `nobody-${n}`;
      if (named.includes('brand_id')) request['brand_id'] = '1001';
      if (named.includes('id')) request['id'] = 'welcome-box';
      return (await scene.grpc(rpc, request, headers)).reason ?? 'OK';
    });
    const made = (await players(scene)) - before;
    return judge(`${reads.length} reads: ${tally(outcomes)}; ${made} players made`, { [`${made} players`]: made > 0 });
  },
};

const shortPots: Attack = {
  name: 'ten jackpots of ten pots that fall every second, in production',
  before: '100 facts a second while nobody plays (issue)',
  async run() {
    await using server = await startProduction();
    const pots = Array.from({ length: 10 }, (_, n) => ({
      id: `pot-${n}`,
      fraction: '0.1',
      seed: '0',
      win_rules: [{ must_drop_time: { seconds: 1 } }],
    }));
    const outcomes = await each(10, 1, async (n) => {
      const request = { id: `short-${n}`, asset: 'USD', pots };
      return (await server.call('JackpotService.CreateJackpot', request, server.admin)).reason ?? 'OK';
    });
    const facts = async (): Promise<number> =>
      Number((await runSql(server.url, 'select count(*) from journal'))[0].count);
    const before = await facts();
    await sleep(2000);
    const written = (await facts()) - before;
    return judge(`${tally(outcomes)}; ${written} facts in 2 s`, { [`${written} facts in 2 s`]: written > 2 });
  },
};

export const PLAYS: readonly Attack[] = [
  largest('BatchOpen of 1,000 × 100 × 20 rolls', 1),
  largest('the same from four callers at once', 4),
  freeBoxes,
  readers,
  shortPots,
];
