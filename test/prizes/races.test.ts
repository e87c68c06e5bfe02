import assert from 'node:assert/strict';
import type { JsonObject } from '@bufbuild/protobuf';
import pg from 'pg';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { engines } from '../../src/engines/index.ts';
import { verifyOperator } from '../../src/journal/index.ts';
import { registerOf } from '../../src/schema.ts';
import { startPair, type Pair } from '../players/pair.ts';

const CALLERS = 50;
const WINZ = { asset: 'WINZ', weight: 1 };

/** The two engines whose definitions are prize tables. */
const ENGINES = [
  { one: 'Lootbox', play: 'LootboxService.OpenLootbox', service: 'LootboxService', outcome: 'reward', more: {} },
  {
    one: 'MiniGame',
    play: 'MiniGameService.PlayMiniGame',
    service: 'MiniGameService',
    outcome: 'outcome',
    more: { kind: 'wheel' },
  },
] as const;

let pair: Pair;
let made = 0;
beforeAll(async () => {
  pair = await startPair();
});
afterAll(() => pair.stop());

/** Sends requests at once, half of them to each of two servers. */
const race = (rpc: string, requests: readonly JsonObject[]) =>
  Promise.all(requests.map((request, nth) => pair.call(rpc, request, nth % 2)));
const give = (userId: string, asset: string, amount: string) =>
  pair.ask('LedgerService.CreateTransfer', {
    source: { kind: 'operator' },
    destination: { kind: 'player', user_id: userId },
    asset,
    amount,
  });
async function balances(userId: string): Promise<Record<string, string>> {
  const { balances: all } = await pair.ask('LedgerService.ListBalances', { user_id: userId });
  return Object.fromEntries(all.map(({ asset, amount }: Record<string, string>) => [asset, amount]));
}

for (const { one, play, service, outcome, more } of ENGINES) {
  describe(one, () => {
    async function define(content: JsonObject): Promise<string> {
      const id = `race-${made++}`;
      await pair.ask(`${service}.Create${one}`, { id, ...more, ...content }, 'admin');
      return id;
    }

    test('a stock is never oversold, and each play beyond it gives the fallback', async () => {
      const prizes = [
        { ...WINZ, segment_label: 'rare', amount: '100', weight: 1_000_000_000, stock: '17', fallback: 'usual' },
        { ...WINZ, segment_label: 'usual', amount: '1' },
      ];
      const id = await define({ prizes });
      const requests = Array.from({ length: CALLERS }, (_, nth) => ({ id, user_id: `${id}-${nth % 7}` }));
      const outcomes = await race(play, requests);
      assert.deepEqual([...new Set(outcomes.map(({ reason }) => reason))], [null]);
      const given = outcomes.map(({ body }) => (body as any)[outcome]);
      assert.equal(given.filter(({ segment_label: label }) => label === 'rare').length, 17);
      assert.equal(given.filter(({ sold_out: label }) => label === 'rare').length, CALLERS - 17);
      let paid = 0;
      for (let n = 0; n < 7; n++) paid += Number((await balances(`${id}-${n}`))['WINZ']);
      assert.equal(paid, 17 * 100 + (CALLERS - 17));
      // More of the stock, while players play: exactly three more are won, whichever version a play is made from.
      const [, answers] = await Promise.all([
        pair.ask(`${service}.Update${one}`, { id, prizes: [{ ...prizes[0]!, stock: '20' }, prizes[1]!] }, 'admin'),
        race(play, requests),
      ]);
      const later = await race(play, requests);
      const all = [...answers, ...later].map(({ body }) => (body as any)[outcome]);
      assert.equal(all.filter(({ segment_label: label }) => label === 'rare').length, 3);
    });

    test('limits hold for the first plays of a player too, and a refused play takes nothing', async () => {
      const id = await define({
        price: { asset: 'USD', amount: '2' },
        limits: [{ count: 3, period: 'lifetime' }],
        prizes: [{ segment_label: 'nothing', weight: 1 }],
      });
      await give(id, 'USD', '100');
      const requests = Array.from({ length: CALLERS }, () => ({ id, user_id: id }));
      const outcomes = await race(play, requests);
      assert.equal(outcomes.filter(({ reason }) => reason === null).length, 3);
      assert.equal(outcomes.filter(({ reason }) => reason === 'PLAY_LIMIT_REACHED').length, CALLERS - 3);
      assert.equal((await balances(id))['USD'], '94');
      // Refused plays have used no seed.
      const { nonce } = await pair.ask('FairnessService.GetCommitment', { user_id: id });
      assert.equal(nonce, '3');
    });

    test('free units and the price pay for exactly the plays that were made', async () => {
      const id = await define({
        price: { asset: 'USD', amount: '10' },
        free_asset: 'EUR',
        prizes: [{ segment_label: 'back', asset: 'EUR', amount: '0.25', weight: 1 }],
      });
      await give(id, 'USD', '105');
      await give(id, 'EUR', '4.5');
      const outcomes = await race(
        play,
        Array.from({ length: CALLERS }, () => ({ id, user_id: id })),
      );
      const done = outcomes.filter(({ reason }) => reason === null).map(({ body }) => body as any);
      const free = done.filter((body) => body.free_play === true || body.free_opens === 1).length;
      assert.equal(done.length - free, 10);
      const refused = outcomes.filter(({ reason }) => reason === 'INSUFFICIENT_BALANCE').length;
      assert.equal(done.length + refused, CALLERS);
      const { USD, EUR } = await balances(id);
      assert.equal(USD, '5');
      assert.equal(Number(EUR), 4.5 - free + done.length * 0.25);
      assert.ok(Number(EUR) < 1);
    });

    test('an excluded player plays nothing, and limits of the player hold', async () => {
      const id = await define({ prizes: [{ ...WINZ, segment_label: 'a', amount: '1' }] });
      await give(id, 'WINZ', '1');
      await pair.ask('PlayerService.SetLimits', {
        user_id: id,
        limits: [{ kind: 'opens', period: 'day', amount: '4' }],
      });
      const requests = Array.from({ length: CALLERS }, () => ({ id, user_id: id }));
      const outcomes = await race(play, requests);
      assert.equal(outcomes.filter(({ reason }) => reason === null).length, 4);
      assert.equal(outcomes.filter(({ reason }) => reason === 'LIMIT_REACHED').length, CALLERS - 4);
      await pair.ask('PlayerService.ExcludePlayer', { user_id: id, end_time: '2100-01-01T00:00:00Z' });
      const { reason } = await pair.call(play, { id, user_id: id }, 1);
      assert.equal(reason, 'PLAYER_EXCLUDED');
      assert.equal((await balances(id))['WINZ'], '5');
    });

    test('an item that is won once is granted once', async () => {
      const id = await define({
        prizes: [
          { segment_label: 'sword', kind: 'item', item: 'sword', weight: 1_000_000_000, stock: '1' },
          { segment_label: 'nothing', weight: 1 },
        ],
      });
      const outcomes = await race(
        play,
        Array.from({ length: CALLERS }, () => ({ id, user_id: id })),
      );
      const grants = outcomes.flatMap(({ body }) => (body as any)[outcome].grant_id ?? []);
      const { grants: listed } = await pair.ask('GrantService.ListGrants', { user_id: id });
      assert.deepEqual(
        listed.map(({ grant_id: grant }: { grant_id: string }) => grant),
        grants,
      );
      assert.equal(grants.length, 1);
    });
  });
}

test('after all of it the books balance, and a replay of the journal gives every row', async () => {
  const { balanced } = await pair.ask('LedgerService.GetTrialBalance', {}, 'admin');
  assert.equal(balanced, true);
  const client = new pg.Client({ connectionString: pair.databaseUrl });
  await client.connect();
  const { differences } = await verifyOperator(client, registerOf(engines), 1);
  await client.end();
  assert.deepEqual(differences, []);
});
