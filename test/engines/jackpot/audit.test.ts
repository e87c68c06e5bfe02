/** What an audit of draws found in jackpots, each again: none of it is possible any more. */
import assert from 'node:assert/strict';
import { afterAll, beforeAll, test } from 'vitest';
import type { JackpotContributedV2 } from '../../../gen/ts/windfall/facts/v1/jackpot.ts';
import type { Jackpot } from '../../../src/engines/jackpot/bound.ts';
import { jackpotContributed } from '../../../src/engines/jackpot/contributed.ts';
import { jackpotDraws } from '../../../src/engines/jackpot/proof.ts';
import { contribute as outcomeOf, Draw, fullStream, serverSeed } from '../../../src/fairness/index.ts';
import type { Journal } from '../../../src/journal/index.ts';
import { newKey, openJournal } from '../../journal/fixture.ts';
import { runSql } from '../../support/sql.ts';
import { differences, give, keys, makeJackpot, money, pot, type PotTerms } from './fixture.ts';
import { updateJackpot, startTasks, type TaskProcess } from './platform.ts';

const UNIT = 1_000_000n;
const HARDLY_EVER = 9_000_000_000;
let url: string;
let journal: Journal;
let faults: unknown[];
let tasks: TaskProcess;
beforeAll(async () => {
  ({ url, journal, faults } = await openJournal());
  tasks = await startTasks(url, journal, (error) => {
    faults.push(error);
  });
});
afterAll(async () => {
  await tasks.stop();
  await journal.close();
});

const potRow = async ({ id }: { readonly id: number }): Promise<any> =>
  (await runSql(url, 'select * from jackpot_pot where id = $1', [id]))[0];
const seedRow = async ({ stream }: Jackpot): Promise<any> =>
  (await runSql(url, 'select name, position::int from seed_stream where id = $1', [stream]))[0];
const update = (jackpot: Jackpot, ...pots: readonly PotTerms[]): Promise<Jackpot> =>
  updateJackpot(tasks.platform, jackpot, { pots });

test('a pot whose reserve is beyond its bound starts halfway to it: 0.000001 does not win it', async () => {
  const jackpot = await makeJackpot(journal, [
    pot({ seed: '2', seedShare: '0.5', collect: 'always', externalDrop: false, mustDrop: { kind: 'value', at: '10' } }),
  ]);
  // Certain to win, and its other half fills the reserve.
  const first = await give(journal, jackpot, 1, 1000n * UNIT);
  assert.equal(first.wins[0]!.start!.value, 6n * UNIT, 'it does not start in the middle of its seed and its bound');
  for (let i = 0; i < 3; i++) assert.deepEqual((await give(journal, jackpot, 2, 2n)).wins, []);
});

test('an update switches no must-drop off: the cycle keeps its bound, the next one has the new one', async () => {
  const drops = (at: string) => pot({ seed: '400', externalDrop: false, mustDrop: { kind: 'value', at } });
  const jackpot = await makeJackpot(journal, [drops('600')]);
  await give(journal, jackpot, 3, 1n);
  const renewed = await update(jackpot, drops('1000000000'));
  const { cycle } = await potRow(renewed.pots[0]!);
  let wins: readonly { readonly amount: bigint; readonly cycle: bigint }[] = [];
  for (let i = 0; i < 20; i++) {
    ({ wins } = await give(journal, renewed, 3, 10n * UNIT));
    if (wins.length > 0) break;
  }
  assert.ok(wins[0]!.amount <= 600n * UNIT, 'its bound was lifted while it was played');
  assert.equal(wins[0]!.cycle, BigInt(cycle));
  const { terms } = await potRow(renewed.pots[0]!);
  assert.equal(JSON.parse(terms).must_drop_value, '1000000000');
});

test('a version between a commitment and a draw makes no due hit vanish, and reveals the seed', async () => {
  const hit = (odds: number) => pot({ seed: '1', share: '0.5', hitRate: { cost: '1', odds }, externalDrop: false });
  const other = pot({ id: 'other', share: '0.1', seed: '1' });
  const jackpot = await makeJackpot(journal, [hit(1), other]);
  const { position } = await seedRow(jackpot);
  const renewed = await update(jackpot, hit(HARDLY_EVER), other);
  assert.equal((await seedRow(renewed)).position, position + 1, 'the seed that was committed to is still used');
  const { wins, contributed } = await give(journal, renewed, 4, UNIT);
  assert.deepEqual(
    wins.map(({ potCode }) => potCode),
    ['main'],
    'a hit that was due under the terms of the cycle is gone',
  );
  assert.equal(contributed.draw!.position, BigInt(position + 1));
  const next = await give(journal, renewed, 4, UNIT);
  assert.deepEqual(next.wins, [], 'the next cycle has the old odds');
  // Both were made under one version. Each is proved with the terms of its own cycle, whichever was proved before.
  const odds: number[] = [];
  for (const data of [contributed, next.contributed, contributed]) {
    const config = JSON.parse(await configOf(renewed, data));
    odds.push(config.pots[0].terms.hit_rate.odds);
  }
  assert.deepEqual(odds, [1, HARDLY_EVER, 1]);
});

/** The config that a contribution is proved with. */
async function configOf({ id }: Jackpot, data: unknown): Promise<string> {
  const draws = jackpotDraws(tasks.platform).find(({ kind }) => kind === jackpotContributed)!;
  const place = { operator: 'demo', operation: newKey(), part: 0, time: 0 };
  return (await draws.prove(1, id, data, place))!.records![0]!.config;
}

test('a version that changes nothing for draws keeps the seed', async () => {
  const jackpot = await makeJackpot(journal, [pot({ seed: '1', hitRate: { cost: '1', odds: 1 } })]);
  const before = await seedRow(jackpot);
  const { version } = await updateJackpot(tasks.platform, jackpot, { name: 'Another name' });
  assert.equal(version, 2);
  assert.deepEqual(await seedRow(jackpot), before);
});

test('with "highest" every pot that a draw has won is paid', async (t) => {
  const likely = (id: string, seed: string) => pot({ id, seed, share: '0.2', hitRate: { cost: '1', odds: 3 } });
  const jackpot = await makeJackpot(journal, [likely('a', '1'), likely('b', '2'), likely('c', '3')], {
    selector: 'highest',
  });
  let [drawn, paid] = [0, 0];
  for (let i = 0; i < 300; i++) {
    const { contributed, wins } = await give(journal, jackpot, 5, UNIT, { clientSeed: `h${i}` });
    drawn += (contributed as JackpotContributedV2).pots.filter(({ wonBy }) => wonBy !== 0).length;
    paid += wins.length;
  }
  await t.annotate(`${drawn} wins were drawn, ${paid} paid`);
  assert.equal(paid, drawn);
  assert.ok(drawn > 100);
  const { rows, account } = await money(url, jackpot);
  assert.equal(rows, account);
});

/**
 * What whoever has the key knows of a draw: a wager id with which it would win. @param ahead how many others contribute
 * before it.
 */
async function grind(jackpot: Jackpot, name: string, ahead: number): Promise<string> {
  const [head] = await runSql(url, 'select nonce::int, chain from jackpot where id = $1', [jackpot.id]);
  const { name: stream, position } = await seedRow(jackpot);
  const secret = serverSeed(keys.key('1'), fullStream(stream, keys.epoch), position);
  const { value, reserve } = await potRow(jackpot.pots[0]!);
  const before = [{ value: BigInt(value), reserve: BigInt(reserve), drawnAt: 0n }];
  for (let i = 0; ; i++) {
    const wager = `${name}-${i}`;
    const draw = new Draw({
      serverSeed: secret,
      clientSeed: `\n${wager}`,
      nonce: head.nonce + ahead,
      sub: 0,
      configHash: `${jackpot.bound.configHash}:${head.chain || '0'.repeat(64)}`,
    });
    const { pots } = outcomeOf(jackpot.bound.jackpot, before, UNIT, draw);
    if (pots[0]!.wonBy !== null) return wager;
  }
}

test('a wager id that was ground with the key is void once another has contributed, and not before', async (t) => {
  const jackpot = await makeJackpot(journal, [pot({ seed: '5', hitRate: { cost: '1', odds: 100 } })]);
  let [voided, alone] = [0, 0];
  for (let i = 0; i < 20; i++) {
    const wager = await grind(jackpot, `g${i}`, 1);
    await give(journal, jackpot, 7, UNIT, { clientSeed: `somebody-${i}` });
    voided += (await give(journal, jackpot, 6, UNIT, { clientSeed: wager })).wins.length;
    // On a quiet jackpot it does win: what remains possible is said in the specification, "What is not proved".
    alone += (await give(journal, jackpot, 6, UNIT, { clientSeed: await grind(jackpot, `a${i}`, 0) })).wins.length;
  }
  await t.annotate(`${voided} of 20 with another contribution in between, ${alone} of 20 alone`);
  assert.equal(alone, 20, 'the prediction is wrong anyway, so this shows nothing');
  assert.ok(voided <= 4, 'the chain does not void predictions');
});

test('there was no internal error, and the folded journal matches', async () => {
  assert.deepEqual(faults, []);
  assert.deepEqual(await differences(url), []);
});
