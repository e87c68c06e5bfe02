import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, test } from 'node:test';
import { verifyProof, type Proof } from '../../../src/fairness/index.ts';
import { startService, type Service } from '../../support/service.ts';

interface Commitment { readonly server_seed_hash: string; readonly next_seed_hashes: readonly string[] }
interface Jackpot { readonly hit_seed: Commitment; readonly pots: readonly { readonly trigger?: Commitment }[] }
interface Proved { readonly proof: Proof; readonly further_proofs: readonly Proof[] }

let service: Service;
before(async () => {
  service = await startService();
  const { status } = await call('JackpotService.CreateJackpot', 'admin', {
    id: 'open', asset: 'USD', pots: [
      { id: 'hit', share: '0.2', seed: '1', hit_rate: { cost: '1', odds: 15 } },
      { id: 'both', share: '0.2', seed: '2', hit_rate: { cost: '2', odds: 30 }, must_drop_value: '6' },
      { id: 'value', share: '0.3', seed: '3', must_drop_value: '9', external_drop: true },
      { id: 'time', share: '0.2', seed: '1', must_drop_seconds: 1, external_drop: true },
    ],
  });
  assert.equal(status, 'OK');
});
after(() => service.stop());

const call = async (name: string, as: string, request: object, face: 'grpc' | 'rest' = 'grpc') =>
  service[face](name, request as never, await service.credentials(as, 's-1'));
const hashOf = (seed: string): string => createHash('sha256').update(seed).digest('hex');
/** Every run of 64 hex digits: whatever could be a seed. */
const candidates = (told: unknown): string[] => JSON.stringify(told).match(/[0-9a-f]{64}/g) ?? [];

const commitmentsOf = ({ hit_seed: hits, pots }: Jackpot): Commitment[] =>
  [hits, ...pots.map(({ trigger }) => trigger)].filter((one) => one !== undefined && one !== null);

/** Whatever was read so far, and what may not be told while it stands. */
class Reader {
  /** When each hash could first be read, in turns. */
  readonly committed = new Map<string, number>();
  readonly told = new Set<string>();
  readonly proofs: Proof[] = [];
  sealed = 0;
  turn = 0;
  #waiting: string[] = [];

  hear(told: unknown): void {
    for (const text of candidates(told)) this.told.add(text);
  }

  await(draws: readonly string[]): void {
    this.#waiting.push(...draws);
  }

  /** Asks for the proof of each draw that has not got one yet: those under the seed in use are sealed. */
  async askForProofs(): Promise<void> {
    const [asked, still] = [this.#waiting, [] as string[]];
    for (const [i, id] of asked.entries()) {
      const face = i % 5 === 0 ? 'rest' : 'grpc';
      const { status, reason, body } = await call('FairnessService.GetProof', 'anonymous', { draw_id: id }, face);
      this.hear(body);
      if (status === 'OK' || status === 200) {
        const { proof, further_proofs: further } = body as unknown as Proved;
        this.proofs.push(proof, ...further);
      } else {
        assert.equal(reason, 'SEED_SEALED');
        still.push(id);
        this.sealed += 1;
      }
    }
    this.#waiting = still;
  }

  /** Reads the jackpot, last of all: what was told before must not tell what stands now. */
  async look(as: string): Promise<void> {
    const told = new Set([...this.told].map(hashOf));
    const { body } = await call('JackpotService.GetJackpot', as, { id: 'open' });
    this.turn += 1;
    for (const { server_seed_hash: hash, next_seed_hashes: next } of commitmentsOf(body as unknown as Jackpot)) {
      for (const one of [hash, ...next]) {
        assert.ok(!told.has(one), 'the seed of a live commitment was told');
        if (!this.committed.has(one)) this.committed.set(one, this.turn);
      }
    }
    this.hear(body);
  }
}

async function play(reader: Reader, round: number): Promise<void> {
  const items = Array.from({ length: 12 }, (_, i) => (
    { id: 'open', user_id: `s-${i % 4}`, amount: 1, source_wager_id: `s-${round}-${i}` }));
  const { body } = await call('JackpotService.BatchContribute', 'service', { items });
  const results = (body as unknown as { results: readonly { contributed: { contribution_id: string } }[] }).results;
  reader.await(results.map(({ contributed }) => contributed.contribution_id));
  const pot = round % 2 === 0 ? 'value' : 'time';
  const dropped = await call('JackpotService.DropJackpot', 'service', { id: 'open', pot_id: pot });
  if (dropped.status === 'OK') reader.await([(dropped.body as { drop_id: string }).drop_id]);
  reader.hear([body, dropped]);
  for (const as of ['anonymous', 'player', 'service']) reader.hear((await call('JackpotService.ListJackpots', as, {})).body);
}

test('while it is played no answer tells a live seed, and each seed was committed to before it was used', async (t) => {
  const reader = new Reader();
  await reader.look('anonymous');
  for (let round = 0; round < 10; round++) {
    const before = reader.turn;
    await play(reader, round);
    await reader.askForProofs();
    await reader.look(['anonymous', 'player', 'service', 'admin'][round % 4]!);
    for (const { server_seed: seed, server_seed_hash: hash } of reader.proofs.splice(0).map(checked)) {
      assert.equal(hashOf(seed), hash);
      const since = reader.committed.get(hash);
      assert.ok(since !== undefined && since <= before, 'a seed was used whose hash nobody could read before');
      revealed.push(hash);
    }
  }
  t.diagnostic(`${revealed.length} proofs, ${reader.sealed} times sealed, ${reader.told.size} texts that could have been seeds`);
  assert.ok(revealed.length > 40 && reader.sealed > 0);
  assert.ok(recipes.has('hit_rate') && recipes.has('trigger'), [...recipes].join());
});

const revealed: string[] = [];
const recipes = new Set<string>();

function checked(proof: Proof): Proof {
  const { failures } = verifyProof({ ...proof, position: Number(proof.position), nonce: Number(proof.nonce) });
  assert.deepEqual(failures, [], JSON.stringify(proof));
  recipes.add(proof.recipe);
  return proof;
}
