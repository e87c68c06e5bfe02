import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { hash } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { runSql } from '../../support/sql.ts';
import { Stage } from './stage.ts';

const CALLERS = 50;
let stage: Stage;

const drawnFacts = async (): Promise<number> =>
  Number((await runSql(stage.databaseUrl, 'select count(*)::int as n from journal where kind = 1302'))[0]!.n);

describe('draws of raffles', () => {
  beforeAll(async () => {
    stage = await Stage.start();
  });
  afterAll(() => stage.stop());

  test(`${CALLERS} callers, a timer and two servers draw once, and all get one answer`, async (t) => {
    const before = await drawnFacts();
    const at = Date.now() + 6000;
    const id = await stage.create({ ticket_cost: '1', draw_time: new Date(at).toISOString(), entropy: 'beacon' });
    for (const user of ['a', 'b', 'c']) await stage.fund(user, 100);
    for (const user of ['a', 'b', 'c', 'a']) await stage.enter(id, user, 2);
    await sleep(at - Date.now() - 100);
    const draw = async (i: number): Promise<any> => {
      for (;;) {
        const request = { id, idempotency_key: `draw-${i}` };
        const { reason, body } = await stage.call('RaffleService.DrawRaffle', request, 'service', i % 2);
        if (reason === null) return body;
        assert.ok(reason === 'RAFFLE_NOT_DUE' || reason === 'UNAVAILABLE', reason);
        await sleep(20);
      }
    };
    const answers = await Promise.all(Array.from({ length: CALLERS }, (_, i) => draw(i)));
    assert.equal(new Set(answers.map(({ draw_id: drawId }) => drawId)).size, 1);
    assert.ok(answers.filter(({ deduped }) => !deduped).length <= 1);
    assert.equal((await drawnFacts()) - before, 1);
    const [{ winner_username: winner, entropy, winning_ticket_idx: ticket }] = answers;
    assert.equal(winner, ['a', 'b', 'c', 'a'][Math.floor(ticket / 2)]);
    assert.equal(entropy.seed, hash('sha256', Buffer.from(entropy.beacon.signature, 'hex'), 'hex'));
    const { of, escrow } = await stage.balances();
    const spent = { a: 4, b: 2, c: 2 };
    for (const user of ['a', 'b', 'c'] as const)
      assert.equal(of.get(user), 100 - spent[user] + (winner === user ? 5000 : 0), user);
    assert.equal(escrow, 0);
    await t.annotate(`${answers.filter(({ deduped }) => !deduped).length} of ${CALLERS} callers was the first`);
  });

  test('a draw waits for its beacon, is refused while that is late, and then comes to the same call', async () => {
    const id = await stage.create({ entropy: 'beacon' });
    await stage.enter(id, 'late', 3);
    stage.due = false;
    const began = Date.now();
    const request = { id, idempotency_key: 'late-draw' };
    const refused = await stage.call('RaffleService.DrawRaffle', request);
    assert.equal(refused.reason, 'UNAVAILABLE');
    assert.ok(Date.now() - began >= 9000, 'it did not wait');
    const { state, beacon, close_time: closed } = await stage.get(id);
    assert.deepEqual([state, beacon.signature ?? null], ['closed', null]);
    for (const [rpc, as] of [
      ['RaffleService.EnterRaffle', 'service'],
      ['RaffleService.CancelRaffle', 'admin'],
    ] as const) {
      const more = rpc.endsWith('Enter' + 'Raffle') ? { user_id: 'late', tickets: 1 } : {};
      const { reason } = await stage.call(rpc, { id, ...more }, as);
      assert.equal(reason, rpc.includes('Enter') ? 'RAFFLE_CLOSED' : 'RAFFLE_ENDED');
    }
    // Who has seen the winners cannot stop the draw, and so cancel it a day later.
    await stage.done('RaffleService.UpdateRaffle', { id, status: 'paused', expected_version: 1 }, 'admin');
    stage.due = true;
    const drawn = await stage.done('RaffleService.DrawRaffle', request);
    assert.deepEqual([drawn.entropy.beacon.round, drawn.close_time], [beacon.round, closed]);
  });

  test('a raffle without tickets waits for no beacon', async () => {
    stage.due = false;
    const id = await stage.create({ entropy: 'beacon' });
    const drawn = await stage.done('RaffleService.DrawRaffle', { id });
    assert.deepEqual([drawn.winners, drawn.entropy.beacon ?? null], [[], null]);
    stage.due = true;
  });

  test('free tickets are used first, and the operator gets what was paid', async () => {
    await stage.fund('free', 50);
    await stage.fund('free', 3, 'USD');
    const id = await stage.create({ ticket_cost: '10', free_asset: 'USD' });
    const first = await stage.enter(id, 'free', 2);
    const second = await stage.enter(id, 'free', 4);
    assert.deepEqual([first.free_tickets, first.cost ?? null], [2, null]);
    assert.deepEqual([second.free_tickets, second.cost.amount], [1, '30']);
    await stage.done('RaffleService.DrawRaffle', { id });
    assert.equal((await stage.balances()).of.get('free'), 5020);
    assert.deepEqual(await stage.balances('USD'), { of: new Map([['free', 0]]), escrow: 0 });
  });

  test('a winner who can have no more grants stops no draw', async () => {
    const id = await stage.create({
      prizes: [{ reward: { kind: 'item', item: 'hat', quantity: 1 } }, { reward: { asset: 'WINZ', amount: '1' } }],
      prize_winz: 0,
    });
    await stage.fund('collector', 10);
    await stage.enter(id, 'collector', 2);
    const full =
      'update player_guard g set grants = $1 from player p ' +
      "where p.operator_id = g.operator_id and p.id = g.id and p.user_id = 'collector'";
    await runSql(stage.databaseUrl, full, [2 ** 20 - 1]);
    const { winners } = await stage.done('RaffleService.DrawRaffle', { id });
    await runSql(stage.databaseUrl, full, [0]);
    assert.equal((await stage.get(id)).state, 'completed');
    assert.deepEqual(
      winners.map(({ withheld }: { withheld: boolean }) => withheld),
      [true, false],
    );
  });

  test('the pool of a large raffle is verified with the listed entries, and not without', async (t) => {
    const id = await stage.create({
      one_per_player: true,
      prizes: [{ reward: { asset: 'WINZ', amount: '1' }, winners: 20 }],
      prize_winz: 0,
    });
    for (let batch = 0; batch < 2; batch++) {
      const items = Array.from({ length: 600 }, (_, i) => ({
        id,
        user_id: `many-${i % 200}`,
        tickets: 1 + ((i * 7) % 5),
        idempotency_key: `many-${batch}-${i}`,
      }));
      const { results } = await stage.done('RaffleService.BatchEnter', { items });
      assert.ok(results.every((one: any) => one.entered !== undefined));
    }
    const { draw_id: drawId, winners } = await stage.done('RaffleService.DrawRaffle', { id });
    assert.equal(new Set(winners.map((one: any) => one.user_id)).size, 20);
    const proof = await stage.done('FairnessService.GetProof', { draw_id: drawId }, 'anonymous');
    assert.deepEqual(proof.record_proofs[0].entries, []);
    const verdict = await stage.done(
      'FairnessService.VerifyProof',
      { record_proof: proof.record_proofs[0] },
      'anonymous',
    );
    assert.deepEqual([verdict.valid, verdict.failures.length], [false, 1]);
    assert.match(verdict.failures[0], /^entries: are missing/);
    const pages: string[] = [];
    let entries = 0;
    for (let token = ''; ;) {
      const page = await stage.done(
        'RaffleService.ListEntries',
        { id, page_size: 500, page_token: token },
        'anonymous',
      );
      pages.push(JSON.stringify(page));
      entries += page.entries.length;
      token = page.next_page_token;
      if (token === '') break;
    }
    assert.equal(entries, 1200);
    const folder = mkdtempSync(join(tmpdir(), 'windfall-raffle-'));
    const verifier = (text: string): { status: number | null; stdout: string } => {
      writeFileSync(join(folder, 'proof.json'), JSON.stringify(proof));
      writeFileSync(join(folder, 'entries.json'), text);
      return spawnSync(
        process.execPath,
        ['src/fairness/verifier.ts', join(folder, 'proof.json'), '--entries', join(folder, 'entries.json')],
        { encoding: 'utf8' },
      );
    };
    const valid = verifier(pages.join('\n'));
    assert.equal(valid.status, 0, valid.stdout);
    const swapped = pages.join('\n').replace('"count":2', '"count":3');
    assert.equal(verifier(swapped).status, 1);
    await t.annotate(`${entries} entries`);
  });

  test('the journal folds to the same rows', async () => {
    assert.deepEqual(await stage.differences(), []);
  });
});
