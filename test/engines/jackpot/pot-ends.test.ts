import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { PotPaid, type PotClosed } from '../../../gen/ts/windfall/facts/v1/jackpot_ends.ts';
import type { Jackpot } from '../../../src/engines/jackpot/bound.ts';
import { payEnd } from '../../../src/engines/jackpot/paying.ts';
import { accountId } from '../../../src/journal/index.ts';
import { MICROS_MAX } from '../../../src/kernel/index.ts';
import { createTransfer } from '../../../src/ledger/index.ts';
import { options, reasonOf } from '../../journal/fixture.ts';
import { runSql } from '../../support/sql.ts';
import { Ends, timed } from './ends.ts';
import { ASSET, differences, drop, give, makeJackpot } from './fixture.ts';
import { setStatus } from './platform.ts';

const UNIT = 1_000_000n;
const [PAID, LAPSED] = [1108, 1104];
let ends: Ends;
beforeAll(async () => {
  ends = await Ends.open();
});
afterAll(async () => {
  await ends.close();
});

describe('the end of a time', { concurrent: true }, () => {
  test('closes the cycle, and pays whoever has brought the point that was drawn', async () => {
    const jackpot = await makeJackpot(ends.journals[0], [timed(1, { seedShare: '0.1', collect: 'always' })]);
    const given = [3n, 1n, 5n, 2n, 4n].map((units, i) => ({ player: 11 + i, amount: units * UNIT }));
    for (const { player, amount } of given) await give(ends.journals[0], jackpot, player, amount);
    assert.ok(await ends.due(jackpot));
    // Nobody's contribution ends it, though its time is up: it takes part.
    const late = await give(ends.journals[0], jackpot, 16, 7n * UNIT);
    assert.deepEqual(late.wins, []);
    const before = await ends.row(jackpot);
    const [{ chain }] = await runSql(ends.url, 'select chain from jackpot where id = $1', [jackpot.id]);
    const { closed } = await ends.end(jackpot);
    assert.equal(Buffer.from(closed!.chain).toString('hex'), chain);
    const [head] = await runSql(ends.url, 'select chain from jackpot where id = $1', [jackpot.id]);
    assert.notEqual(head.chain, chain);
    assert.equal(closed!.sum, 22n * UNIT);
    assert.ok(closed!.point < closed!.sum);
    assert.equal(String(closed!.value), before.value);
    // What the reserve has is not enough for the seed: the operator adds the rest.
    assert.deepEqual([closed!.fromReserve, closed!.deficit], [(22n * UNIT) / 10n, 100n * UNIT - (22n * UNIT) / 10n]);
    assert.equal(await ends.escrow(closed!.ending), closed!.value);
    const next = await ends.row(jackpot);
    assert.deepEqual([next.cycle, next.sum, next.value, next.hits], [2, '0', String(100n * UNIT), 0]);
    const winner = await ends.bringer(jackpot, 1, closed!.point);
    const paid = await ends.pay(closed!.ending);
    assert.equal(Number(paid.player), winner);
    assert.equal(await ends.purse(winner), closed!.value);
    assert.equal(await ends.escrow(closed!.ending), 0n);
    const after = await ends.row(jackpot);
    assert.deepEqual([after.hits, after.paid, after.cycle], [1, String(closed!.value), 2]);
    await ends.assertBooks(jackpot);
  });

  test('begins another cycle with what there is, if nobody has contributed', async () => {
    const jackpot = await makeJackpot(ends.journals[0], [timed(1)]);
    assert.ok(await ends.due(jackpot));
    assert.equal((await ends.end(jackpot)).closed, null);
    const { cycle, value, hits } = await ends.row(jackpot);
    assert.deepEqual([cycle, value, hits], [2, String(100n * UNIT), 0]);
    assert.equal((await ends.facts(jackpot, LAPSED, { decode: () => 0 })).length, 1);
  });

  test('does nothing before it, nor for an order that is outdated', async () => {
    const jackpot = await makeJackpot(ends.journals[0], [timed(3600)]);
    await give(ends.journals[0], jackpot, 1, UNIT);
    const { due } = await ends.row(jackpot);
    assert.equal(await reasonOf(ends.end(jackpot, { at: Number(due) })), 'UNAVAILABLE');
    assert.equal((await ends.end(jackpot, { at: Number(due) - 5_000_000 })).closed, null);
    assert.equal((await ends.row(jackpot)).cycle, 1);
  });

  test('waits while the jackpot is paused, and comes as soon as it is active again', async () => {
    const jackpot = await makeJackpot(ends.journals[0], [timed(1)]);
    await give(ends.journals[0], jackpot, 21, UNIT);
    await setStatus(ends.platforms[0], jackpot, 'paused');
    assert.ok(await ends.due(jackpot));
    assert.equal((await ends.end(jackpot)).closed, null);
    assert.equal(await reasonOf(give(ends.journals[0], jackpot, 22, UNIT)), 'JACKPOT_NOT_ACTIVE');
    await setStatus(ends.platforms[0], jackpot, 'active');
    // It counts what came until the end, also after its time.
    await give(ends.journals[0], jackpot, 22, UNIT);
    assert.equal((await ends.end(jackpot)).closed!.sum, 2n * UNIT);
  });

  test('happens once, though two servers, their timers and callers want to end the cycle at once', async () => {
    const jackpot = await makeJackpot(ends.journals[0], [timed(1, { externalDrop: true })]);
    for (let player = 31; player < 40; player++) await give(ends.journals[0], jackpot, player, UNIT);
    assert.ok(await ends.due(jackpot));
    const due = Number((await ends.row(jackpot)).due);
    const closes = Array.from({ length: 20 }, (_, i) => ends.end(jackpot, { at: due, server: i % 2 }));
    const drops = Array.from({ length: 50 }, (_, i) => reasonOf(drop(ends.journals[i % 2]!, jackpot)));
    const closed = (await Promise.all(closes)).flatMap((one) => one.closed ?? []);
    const dropped = (await Promise.all(drops)).filter((reason) => reason === undefined);
    assert.equal(closed.length + dropped.length, 1);
    assert.equal((await ends.row(jackpot)).cycle, 2);
    for (const { ending } of closed) await ends.pay(ending);
    assert.equal((await ends.row(jackpot)).hits, 1);
    await ends.assertBooks(jackpot);
  });
});

describe('the payment of an end', { concurrent: true }, () => {
  async function closedJackpot(player: number): Promise<{ jackpot: Jackpot; closed: PotClosed }> {
    const jackpot = await makeJackpot(ends.journals[0], [timed(1)]);
    await give(ends.journals[0], jackpot, player, UNIT);
    assert.ok(await ends.due(jackpot));
    return { jackpot, closed: (await ends.end(jackpot)).closed! };
  }

  test('is made once, though two servers make it again and again', async () => {
    const { jackpot, closed } = await closedJackpot(41);
    const payments = Array.from({ length: 40 }, (_, i) => payEnd(ends.platforms[i % 2]!, 1, Number(closed.ending)));
    const operations = new Set((await Promise.all(payments)).map(({ id }) => id));
    assert.equal(operations.size, 1);
    assert.equal(await ends.purse(41), 101n * UNIT);
    assert.equal((await ends.facts(jackpot, PAID, PotPaid)).length, 1);
  });

  test('does not wait for anything: the next cycle goes on, and ends before it', async () => {
    const { jackpot, closed } = await closedJackpot(42);
    await give(ends.journals[0], jackpot, 43, UNIT);
    assert.ok(await ends.due(jackpot));
    const second = (await ends.end(jackpot)).closed!;
    assert.equal(second.position, closed.position + 1n, 'a seed is used twice');
    assert.equal(Number((await ends.pay(second.ending)).player), 43);
    assert.equal(Number((await ends.pay(closed.ending)).player), 42);
    assert.deepEqual([await ends.purse(42), await ends.purse(43)], [101n * UNIT, 101n * UNIT]);
    await ends.assertBooks(jackpot);
  });

  test('stays in escrow if the balance of the winner cannot hold it, and stops nothing', async () => {
    const { jackpot, closed } = await closedJackpot(44);
    const to = accountId('player', 44, ASSET);
    const full = { from: accountId('external', 0, ASSET), to, amount: MICROS_MAX };
    await ends.journals[0].run(createTransfer, full, options());
    const paid = await ends.pay(closed.ending);
    assert.equal(paid.withheld, true);
    assert.equal(await ends.purse(44), MICROS_MAX);
    assert.equal(await ends.escrow(closed.ending), 101n * UNIT);
    const [{ recent }] = await runSql(ends.url, 'select recent from jackpot_hits where id = $1', [jackpot.id]);
    assert.equal((JSON.parse(recent) as { withheld: boolean }[])[0]!.withheld, true);
    await ends.assertBooks(jackpot);
  });
});

test('there was no internal error, and the folded journal matches', async () => {
  assert.deepEqual(ends.faults, []);
  assert.deepEqual(await differences(ends.url), []);
});
