import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { verifyRecord } from '../../../src/fairness/verifier/records/verify.ts';
import { Stage } from './stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.start();
});
afterAll(() => stage?.stop());

/** All draws of a stream, in pages of two. */
async function audit(stream: string, as: string, more = {}): Promise<any[]> {
  const [kind = '', name = ''] = stream.split('/');
  const draws: any[] = [];
  for (let page_token = ''; ;) {
    const request = { kind, name, page_size: 2, page_token, ...more };
    const page = await stage.done('FairnessService.ListStreamDraws', request, as);
    draws.push(...page.draws);
    page_token = page.next_page_token;
    if (page_token === '') return draws;
  }
}

describe('the audit of a stream', () => {
  test("a player's draws are for the player and those of the brand, in order and with proofs", async () => {
    const prizes = [{ segment_label: 'a', asset: 'WINZ', amount: '1', weight: 1 }];
    await stage.done('LootboxService.CreateLootbox', { id: 'audited', prizes }, 'admin');
    const opened = [];
    for (let i = 0; i < 5; i++)
      opened.push(await stage.done('LootboxService.OpenLootbox', { id: 'audited', user_id: 'audited' }));
    const { stream } = await stage.done('FairnessService.GetCommitment', { user_id: 'audited' });
    const draws = await audit(stream, 'service', { with_proofs: true });
    assert.deepEqual(
      draws.map((draw) => [draw.draw_id, Number(draw.position), draw.server_seed]),
      opened.map((open, i) => [open.open_id, i, open.server_seed]),
    );
    for (const { record_proof: proof, digest } of draws) {
      assert.deepEqual(verifyRecord(proof), []);
      assert.equal(proof.digest, digest);
    }
    // Without its epoch, the stream is the same; of another epoch there are none.
    assert.equal((await audit(stream.split('-')[0], 'service')).length, 5);
    assert.deepEqual(await audit(`${stream.split('-')[0]}-77`, 'service'), []);
    const [kind, name] = stream.split('/');
    for (const as of ['anonymous', 'player'])
      assert.equal(
        (await stage.call('FairnessService.ListStreamDraws', { kind, name }, as)).reason,
        'STREAM_NOT_FOUND',
      );
  });

  test("a jackpot's draws are for everybody, without client seeds, and a seed in use stays secret", async () => {
    const pots = [
      { id: 'main', fraction: '0.5', seed: '1', win_rules: [{ hit_rate: { cost: '1', odds: 9_000_000 } }] },
    ];
    await stage.done('JackpotService.CreateJackpot', { id: 'audited', asset: 'USD', pots }, 'admin');
    const contribution = { id: 'audited', user_id: 'audited', amount: 1 };
    for (let i = 0; i < 2; i++) await stage.done('JackpotService.ContributeToJackpot', contribution);
    const { contribution_id: drawId } = await stage.done('JackpotService.ContributeToJackpot', contribution);
    const { receipts } = await stage.done('FairnessService.GetReceipt', { draw_id: drawId }, 'anonymous');
    const { stream } = JSON.parse(receipts[0].record);
    const draws = await audit(stream, 'anonymous', { with_proofs: true });
    assert.deepEqual(
      draws.map(({ nonce }) => Number(nonce)),
      [0, 1, 2],
    );
    assert.equal(new Set(draws.map(({ leaf }) => leaf)).size, 1, 'the same player brought the same');
    for (const draw of draws) {
      assert.match(draw.digest, /^[0-9a-f]{64}$/);
      assert.deepEqual(
        ['draw_id', 'server_seed', 'record_proof'].filter((key) => (draw[key] ?? null) !== null),
        [],
      );
    }
    const known = await audit(stream, 'admin', { with_proofs: true });
    assert.deepEqual(
      known.map((draw) => [draw.digest, draw.record_proof.server_seed]),
      draws.map(({ digest }) => [digest, '']),
    );
  });
});
