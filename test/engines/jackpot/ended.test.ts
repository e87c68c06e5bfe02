import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { PotEndPlanned } from '../../../gen/ts/windfall/facts/v1/jackpot_ends.ts';
import { until } from '../../../src/db/index.ts';
import { seedStream, serverSeed, drawEndTime, fullStream, streamId } from '../../../src/fairness/index.ts';
import { transferring } from '../../../src/engines/jackpot/transferring.ts';
import type { Jackpot } from '../../../src/engines/jackpot/bound.ts';
import { accountId, readRowsById } from '../../../src/journal/index.ts';
import { options, reasonOf } from '../../journal/fixture.ts';
import { runSql } from '../../support/sql.ts';
import { Ends, timed } from './ends.ts';
import { ASSET, differences, drop, give, keys, makeJackpot, pot } from './fixture.ts';
import { setStatus } from './platform.ts';

const UNIT = 1_000_000n;
let ends: Ends;
beforeAll(async () => {
  ends = await Ends.open();
});
afterAll(async () => {
  await ends.close();
});

const toBound = (value: string): ReturnType<typeof pot> =>
  pot({ externalDrop: false, mustDrop: { kind: 'value', at: value }, seedShare: '0.25', collect: 'always' });

/** The seed that the end of a pot is drawn with. */
async function endSeed({ pots: [only] }: Jackpot): Promise<string> {
  const ids = [streamId('pot', only!.id)];
  const [row] = await ends.platforms[0].reads((em) => readRowsById(em, seedStream, 1, ids));
  return serverSeed(keys.key(row!.keyId), fullStream(row!.name, keys.epoch), row!.position);
}

describe('an ended jackpot', { concurrent: true }, () => {
  test('keeps a pot that was a step before its bound until a final draw pays it, with its reserve', async () => {
    const jackpot = await makeJackpot(ends.journals[0], [toBound('1000')]);
    let wins = 0;
    for (let i = 0; i < 20; i++) wins += (await give(ends.journals[0], jackpot, 101 + (i % 3), UNIT)).wins.length;
    const before = await ends.row(jackpot);
    assert.equal(await reasonOf(ends.draw(jackpot)), 'JACKPOT_NOT_ENDED');
    await setStatus(ends.platforms[0], jackpot, 'archived');
    assert.equal(await reasonOf(give(ends.journals[0], jackpot, 101, UNIT)), 'JACKPOT_NOT_ACTIVE');
    const { closed } = await ends.draw(jackpot);
    assert.deepEqual([String(closed!.value), String(closed!.reserve)], [before.value, before.reserve]);
    assert.deepEqual([closed!.deficit, closed!.start!.value], [0n, 0n]);
    const { player } = await ends.pay(closed!.ending);
    assert.equal(Number(player), await ends.bringer(jackpot, before.cycle, closed!.point));
    const after = await ends.row(jackpot);
    assert.deepEqual([after.value, after.reserve, after.hits, after.sum], ['0', '0', wins + 1, '0']);
    assert.equal(await reasonOf(ends.draw(jackpot)), 'NO_WINNER');
    await ends.assertBooks(jackpot);
  });

  test('is drawn once by fifty callers of two servers', async () => {
    const jackpot = await makeJackpot(ends.journals[0], [pot({})]);
    for (let player = 111; player < 116; player++) await give(ends.journals[0], jackpot, player, UNIT);
    await setStatus(ends.platforms[0], jackpot, 'archived');
    const calls = Array.from({ length: 50 }, (_, i) => ends.draw(jackpot, { server: i % 2 }));
    const drawn = (await Promise.allSettled(calls)).filter(({ status }) => status === 'fulfilled');
    assert.equal(drawn.length, 1);
    await ends.assertBooks(jackpot);
  });

  test('is not drawn if nobody has contributed in the cycle', async () => {
    const jackpot = await makeJackpot(ends.journals[0], [pot({})]);
    await give(ends.journals[0], jackpot, 121, UNIT);
    await drop(ends.journals[0], jackpot);
    await setStatus(ends.platforms[0], jackpot, 'archived');
    assert.equal(await reasonOf(ends.draw(jackpot)), 'NO_WINNER');
  });

  test('reveals its seeds, and draws with others', async () => {
    const jackpot = await makeJackpot(ends.journals[0], [pot({ hitRate: { cost: '1', odds: 9_000_000_000 } })]);
    const { contributed } = await give(ends.journals[0], jackpot, 131, UNIT);
    const position = async (id: number): Promise<number> =>
      Number((await runSql(ends.url, 'select position from seed_stream where id = $1', [id]))[0].position);
    const end = await position(streamId('pot', jackpot.pots[0]!.id));
    await setStatus(ends.platforms[0], jackpot, 'archived');
    assert.equal(await position(streamId('jackpot', jackpot.id)), Number(contributed.draw!.position) + 1);
    const { closed } = await ends.draw(jackpot);
    assert.equal(Number(closed!.position), end + 1);
    await setStatus(ends.platforms[0], jackpot, 'active');
    const next = await give(ends.journals[0], jackpot, 131, UNIT);
    assert.deepEqual(
      [next.contributed.draw!.nonce, Number(next.contributed.draw!.position)],
      [0n, Number(contributed.draw!.position) + 1],
    );
  });
});

describe('a hidden end', { concurrent: true }, () => {
  const hidden = (seconds: number): ReturnType<typeof timed> =>
    timed(seconds, { mustDrop: { kind: 'time', seconds, hidden: true } });
  const orderOf = async ({ pots: [only] }: Jackpot): Promise<number> => {
    const key = `jackpot.end-cycle/1/${only!.id}`;
    const [job] = await runSql(ends.url, 'select run_at from graphile_worker.jobs where key = $1', [key]);
    return (job.run_at as Date).getTime();
  };

  test('is ordered for the time that its seed had fixed, which no row or fact says', async () => {
    const jackpot = await makeJackpot(ends.journals[0], [hidden(3600)]);
    await give(ends.journals[0], jackpot, 141, UNIT);
    const { trigger_from: from, trigger_to: to, due } = await ends.row(jackpot);
    assert.deepEqual([Number(to), await orderOf(jackpot)], [Math.floor(Number(due) / 1000), Number(from)]);
    const time = drawEndTime(await endSeed(jackpot), { from: Number(from), to: Number(to) });
    assert.ok(time >= Number(from) && time <= Number(to));
    assert.equal((await ends.end(jackpot, { at: Number(from) * 1000 })).closed, null);
    assert.equal(await orderOf(jackpot), time);
    const told = await runSql(ends.url, "select encode(fact, 'hex') as fact from journal where aggregate_id = $1", [
      jackpot.id,
    ]);
    const bytes = Buffer.from(PotEndPlanned.encode({ pot: BigInt(jackpot.pots[0]!.id), cycle: 1n }).finish());
    assert.ok(told.some(({ fact }) => fact === bytes.toString('hex')));
  });

  test('ends the cycle at that time, before its seconds are over', async () => {
    const jackpot = await makeJackpot(ends.journals[0], [hidden(5)]);
    await give(ends.journals[0], jackpot, 142, UNIT);
    const { trigger_from: from, trigger_to: to } = await ends.row(jackpot);
    const time = drawEndTime(await endSeed(jackpot), { from: Number(from), to: Number(to) });
    await until(async () => Date.now() > time, 10_000);
    const { closed } = await ends.end(jackpot, { at: time * 1000 });
    assert.deepEqual([closed!.hiddenFrom, closed!.hiddenTo, closed!.sum], [BigInt(from), BigInt(to), UNIT]);
  });

  test('is not missed by a server that comes to its first order too late, as after a pause', async () => {
    const jackpot = await makeJackpot(ends.journals[0], [hidden(1)]);
    await give(ends.journals[0], jackpot, 143, UNIT);
    const { trigger_from: from } = await ends.row(jackpot);
    await setStatus(ends.platforms[0], jackpot, 'paused');
    assert.ok(await ends.due(jackpot));
    assert.equal((await ends.end(jackpot, { at: Number(from) * 1000 })).closed, null);
    await setStatus(ends.platforms[0], jackpot, 'active');
    assert.equal(await orderOf(jackpot), Number(from));
    assert.equal((await ends.end(jackpot, { at: Number(from) * 1000 - 1000 })).closed, null, 'an old order ended it');
    assert.equal((await ends.end(jackpot, { at: Number(from) * 1000 })).closed!.sum, UNIT);
  });

  test('is void once its seed is revealed: the time is up after the seconds', async () => {
    const jackpot = await makeJackpot(ends.journals[0], [
      timed(3600, { mustDrop: { kind: 'time', seconds: 3600, hidden: true } }),
    ]);
    const { due } = await ends.row(jackpot);
    await setStatus(ends.platforms[0], jackpot, 'archived');
    const row = await ends.row(jackpot);
    assert.deepEqual([row.trigger_from, row.trigger_to, row.due], ['0', '0', due]);
  });
});

describe('a transfer', { concurrent: true }, () => {
  const transfer = (from: Jackpot, to: Jackpot): Promise<any> =>
    ends.journals[0].run(
      transferring,
      {
        from,
        to,
        moves: [{ from: from.pots[0]!, to: [{ pot: to.pots[0]!, part: UNIT }] }],
        given: { statuses: ['archived'], reason: 'JACKPOT_NOT_ENDED' },
        reason: '',
      },
      options({ route: from.id }),
    );
  const chainOf = async ({ id }: Jackpot): Promise<string> =>
    (await runSql(ends.url, 'select chain from jackpot where id = $1', [id]))[0].chain as string;

  test('moves all money, brings no pot past the middle to its bound, and draws nothing', async () => {
    const from = await makeJackpot(ends.journals[0], [pot({ seed: '500', seedShare: '0.5', collect: 'always' })]);
    const to = await makeJackpot(ends.journals[0], [toBound('300')]);
    await give(ends.journals[0], from, 151, 10n * UNIT);
    assert.equal(await reasonOf(transfer(from, to)), 'JACKPOT_NOT_ENDED');
    await setStatus(ends.platforms[0], from, 'archived');
    const chains = [await chainOf(from), await chainOf(to)];
    await transfer(from, to);
    const [empty, full] = [await ends.row(from), await ends.row(to)];
    assert.deepEqual([empty.value, empty.reserve, empty.surplus, empty.sum, empty.cycle], ['0', '0', '0', '0', 2]);
    // 505 + 5, of which 100 fit: from 100 to the middle of 100 and 300.
    assert.deepEqual([full.value, full.reserve, full.drawn_at, full.sum].map(BigInt), [
      200n * UNIT,
      410n * UNIT,
      200n * UNIT,
      0n,
    ]);
    assert.deepEqual([(await chainOf(from)) === chains[0], (await chainOf(to)) === chains[1]], [false, false]);
    assert.equal(await reasonOf(transfer(from, to)), 'NOTHING_TO_DROP');
    await ends.assertBooks(from);
    await ends.assertBooks(to);
    assert.equal(await ends.balance(accountId('jackpot', from.id, ASSET)), 0n);
  });

  test('needs a jackpot that is active', async () => {
    const from = await makeJackpot(ends.journals[0], [pot({})]);
    const to = await makeJackpot(ends.journals[0], [pot({})]);
    await setStatus(ends.platforms[0], from, 'archived');
    await setStatus(ends.platforms[0], to, 'paused');
    assert.equal(await reasonOf(transfer(from, to)), 'JACKPOT_NOT_ACTIVE');
  });
});

test('there was no internal error, and the folded journal matches', async () => {
  assert.deepEqual(ends.faults, []);
  assert.deepEqual(await differences(ends.url), []);
});
