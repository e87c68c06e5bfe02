import assert from 'node:assert/strict';
import pg from 'pg';
import { afterAll, beforeAll, test } from 'vitest';
import type { LootboxDefinition } from '../../gen/ts/windfall/facts/v1/facts.ts';
import { opening } from '../../src/engines/lootbox/operations/open-lootbox.ts';
import { MasterKeys, newStream, serverSeed, streamKind } from '../../src/fairness/index.ts';
import { beginEpoch, followStep, rollUp, type Epoch, type Journal } from '../../src/journal/index.ts';
import { createPlayer } from '../../src/players/commands/create-player.ts';
import type { PlayAnswer } from '../../src/prizes/index.ts';
import { differences } from '../engines/jackpot/fixture.ts';
import { bindBox, createBox } from '../journal/box.ts';
import { journalOn, openJournal, options, STRANGER } from '../journal/fixture.ts';
import { runSql } from '../support/sql.ts';

const content: LootboxDefinition = {
  name: 'box',
  priceAsset: '',
  price: 0n,
  rolls: 1,
  guaranteed: [],
  prizes: [{ label: 'a', asset: 'WINZ', amount: 1_000_000n, weight: 1n }],
};
const keys = new MasterKeys([['1', Buffer.alloc(32, 7)]], '1');
const play = opening(keys);
const game = bindBox(content, () => 0);
const PLAYER = 100;
const faults: unknown[] = [];
let url: string;
let journal: Journal;

beforeAll(async () => {
  ({ url, journal } = await openJournal());
  const profile = { ...STRANGER, id: PLAYER, brandId: 1, userId: 'p' };
  await journal.run(createPlayer, { ...profile, streamName: newStream('player') }, options());
  await createBox(journal, content);
});
afterAll(() => journal.close());

const open = (): Promise<PlayAnswer> =>
  journal.run(
    play,
    {
      game,
      counter: 0,
      player: PLAYER,
      count: 1,
      clientSeed: '',
      expectedSeedHash: '',
      expectedConfigHash: '',
      playerHash: 'ab'.repeat(16),
    },
    options(),
  );

async function withClient<T>(run: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await run(client);
  } finally {
    await client.end();
  }
}

/** Begins an epoch with no lane connected, then opens the journal again. */
async function next(known = 0): Promise<Epoch> {
  await journal.close();
  const epoch = await withClient((client) => beginEpoch(client, known));
  journal = journalOn(url, faults);
  return epoch;
}

test('the full name of the stream has the epoch, and the seed follows from the full name', async () => {
  const { played, seeds } = await open();
  const { streamName, position } = played.draw!;
  assert.match(streamName, /^player\/[0-9a-f]{32}-1$/);
  assert.equal(streamKind(streamName), 'player');
  assert.equal(seeds.serverSeed, serverSeed(keys.key('1'), streamName, Number(position)));
});

test('a new epoch has other seeds at the same positions, and positions go on', async () => {
  const before = await open();
  const promised = before.seeds.nextServerSeedHash;
  const epoch = await next();
  const after = await open();
  assert.equal(after.played.draw!.position, before.played.draw!.position + 1n);
  assert.notEqual(after.seeds.serverSeedHash, promised);
  const [name, number] = after.played.draw!.streamName.split('-');
  assert.equal(before.played.draw!.streamName, `${name}-1`);
  assert.equal(number, String(epoch.number));
  // Its hashes could not be read before the epoch.
  assert.ok(Number(after.played.draw!.readableSince) >= epoch.startedAt);
  assert.ok(Number(after.played.draw!.readableSince) < after.time);
  assert.deepEqual(await differences(url), []);
});

test('no epoch begins while a lane is connected, under load; no draw is made with an old one afterwards', async () => {
  let stopped = false;
  const opened: PlayAnswer[] = [];
  const load = async (): Promise<void> => {
    while (!stopped) opened.push(await open());
  };
  const loading = Array.from({ length: 8 }, load);
  for (let tries = 0; tries < 20; tries++) {
    await assert.rejects(withClient(beginEpoch), /a server is connected/);
  }
  // The lane loses its connection: from then on an epoch may begin, and the lane must see it.
  let begun: Epoch | undefined;
  while (begun === undefined) {
    await runSql(
      url,
      "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'windfall-lane' " +
        'and datname = current_database()',
    );
    begun = await withClient(beginEpoch).catch(() => undefined);
  }
  const seen = opened.length;
  while (opened.length < seen + 50) await new Promise((resolve) => setTimeout(resolve, 5));
  stopped = true;
  await Promise.all(loading);
  const epochs = opened.map(({ time, played }) => [time, Number(played.draw!.streamName.split('-')[1])] as const);
  assert.ok(epochs.some(([, number]) => number === begun.number));
  for (const [time, number] of epochs) {
    if (time >= begun.startedAt) assert.equal(number, begun.number, `a draw at ${time} by epoch ${number}`);
  }
  assert.deepEqual(await differences(url), []);
});

test('numbers of epochs rise, above any that is known from elsewhere, and two of one moment differ', async () => {
  const one = await next();
  const two = await next(one.number + 1000);
  const far = await next(Number.MAX_SAFE_INTEGER - 10);
  assert.ok(two.number > one.number + 1000);
  assert.equal(far.number, Number.MAX_SAFE_INTEGER - 9);
});

test('where the cluster counts from the beginning, transactions of the journal go on rising', async () => {
  await open();
  await journal.close();
  // As if the journal came from a cluster that was a million transactions ahead.
  await withClient(async (client) => {
    await client.query('update journal set tx = (tx::text::int8 + 1000000)::text::xid8');
    await client.query('update seed_stream set tx = tx + 1000000');
    await client.query('update epoch set number = number - 1000');
    while ((await followStep(client, 1, rollUp)) > 0);
    await beginEpoch(client);
  });
  const [{ last }] = await runSql(url, 'select max(tx::text::int8) as last from journal');
  journal = journalOn(url, faults);
  await open();
  const [{ now }] = await runSql(url, 'select max(tx::text::int8) as now from journal');
  assert.ok(Number(now) > Number(last), `${now} after ${last}`);
  await withClient(async (client) => {
    assert.ok((await followStep(client, 1, rollUp)) > 0, 'the follower passes over what is new');
  });
  // Seals tell of the change above.
  const others = (await differences(url)).filter((one) => !one.includes('is not as it was written'));
  assert.deepEqual(others, []);
});
