import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, test } from 'vitest';
import { startService, type Service } from '../../support/service.ts';

const hashOf = (seed: string): string => createHash('sha256').update(seed).digest('hex');

interface Commitment {
  readonly stream: string;
  readonly position: string;
  readonly server_seed_hash: string;
  readonly next_seed_hashes: readonly string[];
}
interface Jackpot {
  readonly hit_seed: Commitment;
  readonly pots: readonly { readonly id: string; readonly end_seed: Commitment }[];
}
interface Contributed {
  readonly contribution_id: string;
  readonly wins: readonly { readonly pot_id: string; readonly reason: string }[];
}
interface Proof {
  readonly record: string;
  readonly server_seed: string;
  readonly digest: string;
}

let service: Service;
beforeAll(async () => {
  service = await startService();
  const { status } = await call('JackpotService.CreateJackpot', 'admin', {
    id: 'hidden',
    asset: 'USD',
    pots: [
      { id: 'hit', fraction: '0.3', seed: '1', win_rules: [{ hit_rate: { cost: '1', odds: 40 } }] },
      { id: 'value', fraction: '0.3', seed: '5', win_rules: [{ must_drop_value: { value: '20' } }] },
      {
        id: 'time',
        fraction: '0.3',
        seed: '1',
        win_rules: [{ must_drop_time: { seconds: 1 } }, { external_drop: {} }],
      },
    ],
  });
  assert.equal(status, 'OK');
});
afterAll(() => service.stop());

const call = async (name: string, as: string, request: object) =>
  service.grpc(name, request as never, await service.credentials(as, 'nobody'));
const read = async (): Promise<Jackpot> =>
  (await call('JackpotService.GetJackpotCommitments', 'anonymous', { id: 'hidden' })).body as unknown as Jackpot;

/** The commitments that stand: what they are for must not be known yet. */
const live = ({ hit_seed: { server_seed_hash: hash, next_seed_hashes: next } }: Jackpot): Set<string> =>
  new Set([hash, ...next]);

/** The hashes that were promised, by stream and position: a promise is kept, however often it is repeated. */
class Promises {
  readonly #hashes = new Map<string, string>();

  note({ hit_seed: hits, pots }: Jackpot): void {
    for (const { stream, position, server_seed_hash: first, next_seed_hashes: next } of [
      hits,
      ...pots.map(({ end_seed: end }) => end),
    ]) {
      [first, ...next].forEach((hash, ahead) => {
        const place = `${stream}/${Number(position) + ahead}`;
        assert.equal(this.#hashes.get(place) ?? hash, hash, `another hash is promised for ${place}`);
        this.#hashes.set(place, hash);
      });
    }
  }

  /** Asserts that a draw was made with the seed that was promised for its place. */
  check({ server_seed: seed, record }: Proof): { place: string; nonce: number; brought: string | undefined } {
    const { stream, position, nonce, seed_hash: hash, client_seeds: seeds } = JSON.parse(record);
    const place = `${stream}/${position}`;
    assert.deepEqual([hashOf(seed), hash], [hash, this.#hashes.get(place)], `the seed of ${place}`);
    return { place, nonce: Number(nonce), brought: seeds?.[1]?.seed };
  }
}

/** Every run of 64 hex digits in a text: whatever could be a seed. */
const candidates = (told: unknown): string[] => JSON.stringify(told).match(/[0-9a-f]{64}/g) ?? [];

test('no response discloses a live seed, and every revealed seed was committed to before', async (t) => {
  const promises = new Promises();
  const first = await read();
  promises.note(first);
  const committed = live(first);
  const told: string[] = [];
  const draws: Contributed[] = [];
  const look = async (): Promise<void> => {
    const jackpot = await read();
    promises.note(jackpot);
    for (const hash of live(jackpot)) committed.add(hash);
    told.push(...candidates(jackpot));
    for (const version of [0, 1])
      told.push(...candidates((await call('JackpotService.GetJackpot', 'admin', { id: 'hidden', version })).body));
    const standing = live(jackpot);
    assert.deepEqual(
      told.filter((text) => standing.has(hashOf(text))),
      [],
      'a live seed was told',
    );
  };
  for (let round = 0; round < 12; round++) {
    const items = Array.from({ length: 25 }, (_, i) => ({
      id: 'hidden',
      user_id: `f-${i % 5}`,
      amount: 1,
      source_wager_id: `f-${round}-${i}`,
      idempotency_key: `key-${round}-${i}`,
    }));
    const { body } = await call('JackpotService.BatchContribute', 'service', { items });
    const { results } = body as unknown as { results: readonly { readonly contributed: Contributed }[] };
    draws.push(...results.map(({ contributed }) => contributed));
    const dropped = await call('JackpotService.DropJackpot', 'service', { id: 'hidden', pot_id: 'time' });
    told.push(...candidates(results), ...candidates(dropped));
    await look();
  }
  const proofs: Proof[] = [];
  let sealed = 0;
  for (const { contribution_id: id } of draws) {
    const { status, body, reason } = await call('FairnessService.GetProof', 'anonymous', { draw_id: id });
    told.push(...candidates(body));
    if (status === 'OK') {
      proofs.push(...(body as unknown as { record_proofs: readonly Proof[] }).record_proofs);
    } else {
      assert.equal(reason, 'SEED_SEALED');
      sealed += 1;
    }
  }
  await look();
  for (const { server_seed: seed, record } of proofs) {
    const { seed_hash: hash } = JSON.parse(record) as { seed_hash: string };
    assert.equal(hashOf(seed), hash);
    assert.ok(committed.has(hash), 'a seed was used whose hash nobody could read before');
  }
  checkHits(promises, proofs);
  await checkEnds(promises);
  await t.annotate(`${proofs.length} draws are revealed, ${sealed} are sealed`);
  // A win reveals its seed: after one as the last draw, none is sealed.
  const allRevealed = draws.at(-1)!.wins.length > 0;
  assert.ok(proofs.length > 20 && (sealed > 0 || allRevealed));
});

/** Draws under one seed count from 0, and each is made with the wager that its call named. */
function checkHits(promises: Promises, proofs: readonly Proof[]): void {
  const nonces = new Map<string, number>();
  const wagers = proofs.map((proof) => {
    const { place, nonce, brought } = promises.check(proof);
    assert.equal(nonce, nonces.get(place) ?? 0, `the nonce of a draw at ${place}`);
    nonces.set(place, nonce + 1);
    return brought;
  });
  assert.match(wagers.join(), /^(f-\d+-\d+(,|$))+$/);
  assert.equal(new Set(wagers).size, wagers.length);
}

/** Times that ended were drawn with the seeds that were promised for them. */
async function checkEnds(promises: Promises): Promise<void> {
  const { body } = await call('JackpotService.ListJackpotHits', 'service', { id: 'hidden' });
  const { hits } = body as unknown as { hits: readonly { readonly draw_id: string; readonly reason: string }[] };
  for (const { draw_id: id } of hits.filter(({ reason }) => reason === 'must_drop_time')) {
    const proved = await call('FairnessService.GetProof', 'anonymous', { draw_id: id });
    for (const proof of (proved.body as unknown as { record_proofs: readonly Proof[] }).record_proofs)
      promises.check(proof);
  }
}

test('every revealed draw is confirmed, and no longer once something is changed', async () => {
  const { hits } = (await call('JackpotService.ListJackpotHits', 'service', { id: 'hidden' })).body as unknown as {
    hits: readonly { readonly draw_id: string; readonly reason: string }[];
  };
  const seen = new Set<string>();
  for (const { draw_id: id, reason } of hits) {
    if (reason === 'external' || reason === 'must_drop_time') continue;
    seen.add(reason);
    const { body } = await call('FairnessService.GetProof', 'anonymous', { draw_id: id });
    const [proof] = (body as unknown as { record_proofs: readonly [Proof] }).record_proofs;
    const verdict = async (one: Proof): Promise<unknown> =>
      (await call('FairnessService.VerifyProof', 'anonymous', { record_proof: one as never })).body;
    assert.deepEqual(await verdict(proof), { valid: true, failures: [] });
    const forged = await verdict({ ...proof, server_seed: 'ab'.repeat(32) });
    assert.equal((forged as { valid: boolean }).valid, false);
  }
  assert.ok(seen.has('must_drop_value') || seen.has('hit_rate'), [...seen].join());
});
