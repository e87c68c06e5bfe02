import assert from 'node:assert/strict';
import { afterAll, beforeAll, test } from 'vitest';
import type { LootboxDefinition } from '../../gen/ts/windfall/facts/v1/facts.ts';
import type { Journal } from '../../src/journal/index.ts';
import { setClientSeed } from '../../src/fairness/commands/set-client-seed.ts';
import { MasterKeys, newStream, streamId } from '../../src/fairness/index.ts';
import { createPlayer } from '../../src/players/commands/create-player.ts';
import type { PlayAnswer } from '../../src/prizes/index.ts';
import { lootboxOpened, opening } from '../../src/engines/lootbox/operations/open-lootbox.ts';
import { bindBox, createBox } from '../journal/box.ts';
import { openJournal, options, STRANGER } from '../journal/fixture.ts';
import { runSql } from '../support/sql.ts';

const content: LootboxDefinition = {
  name: 'box',
  priceAsset: '',
  price: 0n,
  rolls: 1,
  guaranteed: [],
  prizes: [
    { label: 'a', asset: 'WINZ', amount: 1_000_000n, weight: 1n },
    { label: 'b', asset: 'WINZ', amount: 2_000_000n, weight: 1n },
  ],
};
const keys = new MasterKeys([['1', Buffer.alloc(32, 7)]], '1');
const open = opening(keys);
const game = bindBox(content, () => 0);
const PLAYER = 100;
let url: string;
let journal: Journal;

beforeAll(async () => {
  ({ url, journal } = await openJournal());
  const profile = { ...STRANGER, id: PLAYER, brandId: 1, userId: 'p' };
  await journal.run(createPlayer, { ...profile, streamName: newStream('player') }, options());
  await createBox(journal, content);
});
afterAll(() => journal.close());

const request = (clientSeed = '') => ({
  game,
  counter: 0,
  player: PLAYER,
  count: 1,
  clientSeed,
  expectedSeedHash: '',
  expectedConfigHash: '',
  playerHash: 'ab'.repeat(16),
});
const position = ({ played }: PlayAnswer): number => Number(played.draw!.position);

test('a stream has no gaps, and no draw uses a seed whose hash could not be read before its transaction', async () => {
  const answers = await Promise.all(Array.from({ length: 60 }, () => journal.run(open, request(), options())));
  assert.deepEqual(
    answers.map(position),
    Array.from({ length: 60 }, (_, i) => i),
  );
  const rows = await runSql(url, 'select tx, count(*)::int as n from journal where kind = $1 group by tx order by tx', [
    lootboxOpened.number,
  ]);
  assert.deepEqual(
    rows.map(({ n }) => n),
    [17, 17, 17, 9],
  );
  for (const { time, played } of answers) assert.ok(Number(played.draw!.readableSince) < time);
});

test('each answer promises the seed of the next', async () => {
  const answers: PlayAnswer[] = [];
  for (let i = 0; i < 5; i++) answers.push(await journal.run(open, request(), options()));
  for (let i = 1; i < 5; i++) assert.equal(answers[i]!.seeds.serverSeedHash, answers[i - 1]!.seeds.nextServerSeedHash);
});

test("the request's client seed counts beside the player's own", async () => {
  const drawn = async (clientSeed: string) => {
    const { played, seeds } = await journal.run(open, request(clientSeed), options());
    return [played.draw!.ownSeed, played.draw!.requestSeed, seeds.clientSeed];
  };
  await journal.run(setClientSeed, { stream: streamId('player', PLAYER), clientSeed: 'own' }, options());
  assert.deepEqual(await drawn(''), ['own', '', 'own\n']);
  assert.deepEqual(await drawn('mine'), ['own', 'mine', 'own\nmine']);
});

test('a refused open uses no seed', async () => {
  const next = position(await journal.run(open, request(), options())) + 1;
  await assert.rejects(journal.run(open, { ...request(), expectedSeedHash: '00'.repeat(32) }, options()), {
    reason: 'SEED_HASH_MISMATCH',
  });
  assert.equal(position(await journal.run(open, request(), options())), next);
});
