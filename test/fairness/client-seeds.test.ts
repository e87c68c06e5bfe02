import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import type { DescMessage, JsonObject } from '@bufbuild/protobuf';
import canonicalize from 'canonicalize';
import { afterAll, beforeAll, describe, test } from 'vitest';
import type { RecordProof } from '../../src/fairness/index.ts';
import { verifyRecord } from '../../src/fairness/verifier/records/verify.ts';
import { methods } from '../support/api.ts';
import { Caller } from '../engines/writes.ts';
import { startService, type Service } from '../support/service.ts';

const OWN = 'mine alone';
const PRIZES = Array.from({ length: 100 }, (_, i) => ({
  segment_label: `${i}`,
  asset: 'WINZ',
  amount: '1',
  weight: 1,
}));
const POTS = [{ id: 'main', fraction: '0.5', seed: '1', win_rules: [{ hit_rate: { cost: '0.01', odds: 100 } }] }];

let service: Service;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.stop());

/** A game that players draw in. */
interface Game {
  readonly create: readonly [rpc: string, content: JsonObject];
  readonly play: string;
  readonly batch: readonly [rpc: string, outcome: string];
  /** The field of a request that brings a client seed, and the field of the answer that names the draw. */
  readonly brings: string;
  readonly drawId: string;
  /** Reveals the seed of a draw, if it is not at once. */
  readonly reveal?: readonly [rpc: string, request: JsonObject];
}

const GAMES: Readonly<Record<string, Game>> = {
  lootbox: {
    create: ['LootboxService.CreateLootbox', { prizes: PRIZES }],
    play: 'LootboxService.OpenLootbox',
    batch: ['LootboxService.BatchOpen', 'opened'],
    brings: 'client_seed',
    drawId: 'open_id',
  },
  minigame: {
    create: ['MiniGameService.CreateMiniGame', { kind: 'wheel', prizes: PRIZES }],
    play: 'MiniGameService.PlayMiniGame',
    batch: ['MiniGameService.BatchPlay', 'played'],
    brings: 'client_seed',
    drawId: 'play_id',
  },
  jackpot: {
    create: ['JackpotService.CreateJackpot', { asset: 'USD', pots: POTS }],
    play: 'JackpotService.ContributeToJackpot',
    batch: ['JackpotService.BatchContribute', 'contributed'],
    brings: 'source_wager_id',
    drawId: 'contribution_id',
    reveal: ['JackpotService.UpdateJackpot', { operator_share: '0.5' }],
  },
};

/** Whether other client seeds in the same place make another draw: 60 are tried, as one may make the same. */
function counts(proof: RecordProof, at: number): boolean {
  const record = JSON.parse(proof.record);
  return Array.from({ length: 60 }, (_, i) => {
    record.client_seeds[at].seed = `other ${i}`;
    const text = canonicalize(record)!;
    const digest = createHash('sha256').update(`\0${text}`).digest('hex');
    return verifyRecord({ ...proof, digest, record: text }).length > 0;
  }).some((differs) => differs);
}

describe.each(Object.entries(GAMES))("a player's own client seed, in a %s", (name, game) => {
  test('counts with what any call brings, is never replaced by it; both are proved with origins', async () => {
    const caller = new Caller(service, 'rest');
    const { id } = caller;
    await caller.done(game.create[0], 'admin', { id, ...game.create[1] });
    const set = { client_seed: OWN };
    await caller.done('FairnessService.SetClientSeed', 'player', set);
    const seedNow = async (): Promise<unknown> =>
      (await caller.done('FairnessService.GetCommitment', 'player', {}))['client_seed'];
    const request = { id, user_id: id, ...(name === 'jackpot' && { amount: 1 }) };
    const draws: string[] = [];
    const roles = name === 'jackpot' ? ['service'] : ['service', 'player'];
    for (const as of roles) {
      const mine = as === 'player' ? { id } : request;
      const body = await caller.done(game.play, as, { ...mine, [game.brings]: `by-${as}` });
      draws.push(String(body[game.drawId]));
      assert.equal(await seedNow(), OWN, `${as} has replaced it`);
    }
    const [batch, outcome] = game.batch;
    const items = [{ ...request, idempotency_key: `${id}-in-batch`, [game.brings]: 'by-batch' }];
    const { results } = (await caller.done(batch, 'service', { items })) as { results: JsonObject[] };
    draws.push(String((results[0]![outcome] as JsonObject)[game.drawId]));
    assert.equal(await seedNow(), OWN, 'the batch has replaced it');
    if (game.reveal !== undefined) await caller.done(game.reveal[0], 'admin', { id, ...game.reveal[1] });
    for (const [i, by] of [...roles, 'batch'].entries()) {
      const proof = await caller.done('FairnessService.GetProof', 'anonymous', { draw_id: draws[i]! });
      const [record] = proof['record_proofs'] as unknown as RecordProof[];
      assert.deepEqual(verifyRecord(record!), []);
      const told = JSON.parse(record!.record);
      assert.deepEqual(told.client_seeds, [
        { origin: 'player', seed: OWN },
        { origin: 'request', seed: `by-${by}` },
      ]);
      // Both are in the message of the draw: with another one the outcome no longer follows.
      for (const at of [0, 1]) assert.ok(counts(record!, at), `client seed ${at} does not count`);
    }
  });
});

/** The paths of the fields of a message that are named so. */
function fieldsOf(message: DescMessage, name: string, above: readonly DescMessage[] = []): string[] {
  if (above.includes(message)) return [];
  return message.fields.flatMap((field) => [
    ...(field.name === name ? [field.name] : []),
    ...(field.message === undefined
      ? []
      : fieldsOf(field.message, name, [...above, message]).map((path) => `${field.name}.${path}`)),
  ]);
}

test('only the player sets it: others are refused, and only calls that draw take another one', async () => {
  const caller = new Caller(service, 'rest');
  await caller.done('FairnessService.SetClientSeed', 'player', { client_seed: OWN });
  for (const as of ['service', 'admin', 'anonymous']) {
    const { reason } = await caller.call('FairnessService.SetClientSeed', as, { client_seed: 'theirs' });
    assert.equal(reason, as === 'anonymous' ? 'UNAUTHENTICATED' : 'PERMISSION_DENIED', as);
  }
  await caller.call('PlayerService.UpdatePlayer', 'service', { user_id: caller.id, country: 'MT' });
  assert.equal((await caller.done('FairnessService.GetCommitment', 'player', {}))['client_seed'], OWN);
  const taking = [...methods].filter(([, { input }]) => fieldsOf(input, 'client_seed').length > 0).map(([rpc]) => rpc);
  const draws = Object.values(GAMES).flatMap(({ play, batch: [batch], brings }) =>
    brings === 'client_seed' ? [play, batch] : [],
  );
  assert.deepEqual(
    taking.toSorted(),
    [...draws, 'FairnessService.SetClientSeed', 'FairnessService.VerifyProof'].toSorted(),
  );
});

test('the seeds that GetCommitment promises are those of the next draws, each with its nonce', async () => {
  const call = async (rpc: string, request: JsonObject): Promise<any> => {
    const { reason, body } = await service.grpc(rpc, request, await service.credentials('service', ''));
    assert.equal(reason, null, rpc);
    return body;
  };
  const promised = await call('FairnessService.GetCommitment', { user_id: 'promised' });
  assert.deepEqual(promised.seeds[0], { nonce: promised.nonce, server_seed_hash: promised.server_seed_hash });
  assert.equal(promised.seeds.length, 17);
  for (const { nonce, server_seed_hash: hash } of promised.seeds.slice(0, 3)) {
    const opened = await call('LootboxService.OpenLootbox', { id: 'welcome-box', user_id: 'promised' });
    assert.deepEqual([opened.nonce, opened.server_seed_hash], [nonce, hash]);
  }
  const left = await call('FairnessService.GetCommitment', { user_id: 'promised' });
  assert.deepEqual(left.seeds.slice(0, 14), promised.seeds.slice(3));
});
