import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, test } from 'vitest';
import { runSql } from '../../support/sql.ts';
import { Stage, type Affected } from './stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.open(2);
});
afterAll(() => stage.close());

const times = <T>(count: number, make: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => make(i));
const three = (trigger: string) => ({ steps: times(3, () => ({ trigger })), reward_winz: 7 });

test('of 50 equal events at two servers each moves by one step, until the end, and the reward comes once', async () => {
  await stage.create('race', three('race'));
  const answers = await Promise.all(times(50, (i) => stage.fire('racer', 'race', {}, i % 2)));
  const affected = answers.flat().map((one) => `${one.action} ${one.current_step} ${one.reward_winz_granted}`);
  assert.deepEqual(affected.sort(), ['advanced 1 0', 'advanced 2 0', 'completed 3 7']);
  assert.equal(await stage.winz('racer'), '7');
});

test('50 calls with one key at two servers are one event, and all get its answer', async () => {
  await stage.create('keyed', three('keyed'));
  const answers = await Promise.all(
    times(50, (i) => stage.fire('keyed', 'keyed', { idempotency_key: 'the-same' }, i % 2)),
  );
  assert.equal(new Set(answers.map((one) => JSON.stringify(one))).size, 1);
  assert.equal(answers[0]![0]!.current_step, 1);
});

test('a change of a journey applies to the next event, at every server', async () => {
  for (let round = 0; round < 20; round++) {
    const id = `fresh-${round}`;
    const [here, there] = [round % 2, 1 - (round % 2)];
    await stage.fire('anyone', id, {}, there);
    const admin = (rpc: string, request: object) =>
      stage.done(`JourneyService.${rpc}`, 'admin', { id, ...request }, here);
    await admin('CreateJourney', { steps: [{ trigger: 'other' }] });
    await admin('UpdateJourney', { steps: [{ trigger: id }, { trigger: id }, { trigger: id }] });
    assert.equal((await stage.fire('anyone', id, {}, there)).length, 1, 'a new trigger is not known');
    await admin('UpdateJourney', { status: 'paused' });
    assert.equal((await stage.fire('anyone', id, {}, there)).length, 0, 'it is not paused');
    await admin('UpdateJourney', { status: 'active' });
    assert.equal((await stage.fire('anyone', id, {}, there)).length, 1, 'it is not resumed');
    await admin('ArchiveJourney', {});
    assert.equal((await stage.fire('anyone', id, {}, there)).length, 0, 'it is not archived');
  }
});

test('one event completes several journeys, each with its own rewards and grants', async () => {
  const item = (name: string) => [{ item: name }, { asset: 'WINZ', amount: '1' }];
  await stage.create('both-1', { steps: [{ trigger: 'both', rewards: item('sword') }], rewards: item('shield') });
  await stage.create('both-2', { steps: [{ trigger: 'both', rewards: item('boots') }], reward_winz: 2.5 });
  const affected = await stage.fire('collector', 'both');
  const got = affected.map(({ journey_id: id, reward_winz_granted: winz, rewards }) => [id, winz, rewards.length]);
  assert.deepEqual(got, [
    ['both-1', 2, 4],
    ['both-2', 3.5, 3],
  ]);
  const { grants } = await stage.done('GrantService.ListGrants', 'service', { user_id: 'collector' });
  assert.deepEqual((grants as { item: string }[]).map(({ item: name }) => name).sort(), ['boots', 'shield', 'sword']);
  assert.equal(await stage.winz('collector'), '5.5');
  assert.deepEqual(await stage.fire('collector', 'both'), []);
});

test('of two events of a player at two servers the later one sees all that the earlier one has begun', async () => {
  await stage.create('begun', { steps: ['pair-start', 'pair-begin', 'pair-both'].map((trigger) => ({ trigger })) });
  await stage.create('new', { steps: ['pair-begin', 'pair-both'].map((trigger) => ({ trigger })) });
  const pair = async (i: number): Promise<string> => {
    const user = `pair-${i}`;
    await stage.fire(user, 'pair-start');
    const [, both] = await Promise.all([
      stage.fire(user, 'pair-begin', {}, i % 2),
      stage.fire(user, 'pair-both', {}, 1 - (i % 2)),
    ]);
    return both.map(({ journey_id: id }) => id).join();
  };
  const seen = new Set<string>();
  for (let i = 0; i < 600; i += 30) for (const one of await Promise.all(times(30, (n) => pair(i + n)))) seen.add(one);
  seen.delete('');
  assert.deepEqual([...seen], ['begun,new']);
});

test('killed servers lose no event and double none', async () => {
  const STEPS = 6;
  await stage.create('killed', { steps: times(STEPS, () => ({ trigger: 'killed' })), reward_winz: 3 });
  let over = false;
  const seen = new Map<string, Affected[]>();
  const player = async (name: string, nth: number): Promise<void> => {
    for (let i = 0; i < STEPS; i++) {
      const request = { user_id: name, trigger: 'killed', idempotency_key: `${name}-${i}` };
      for (let tries = 0; ; tries++) {
        const { status, body } = await stage.call('JourneyService.FireEvent', 'service', request, (nth + tries) % 2);
        if (status === 'OK') {
          seen.set(name, [...(seen.get(name) ?? []), ...(body as any).affected]);
          break;
        }
        assert.ok(tries < 500, String(status));
        await sleep(20);
      }
      await sleep(100);
    }
  };
  const killing = (async () => {
    for (let i = 0; !over; i++) {
      await sleep(200);
      await stage.kill(i % 2);
      await stage.start(i % 2);
    }
  })();
  const players = times(40, (i) => `victim-${i}`);
  await Promise.all(players.map(player));
  over = true;
  await killing;
  for (const name of players) {
    assert.deepEqual(
      seen.get(name)!.map(({ current_step: step }) => step),
      times(STEPS, (i) => i + 1),
    );
    assert.equal(await stage.winz(name), '3');
  }
});

test('the day of the last activity is noted once a day, also for events that change nothing', async () => {
  const noted = (name: string) =>
    runSql(
      stage.url,
      'select a.day, a.xmin::text from player_activity a join player p on p.id = a.player_id where p.user_id = $1',
      [name],
    );
  await stage.fire('active', 'nothing');
  const [first] = await noted('active');
  assert.equal(first.day, Math.floor(Date.now() / 86_400_000));
  await stage.fire('active', 'nothing');
  assert.deepEqual(await noted('active'), [first]);
  const open = { id: 'all', prizes: [{ segment_label: 'a', asset: 'WINZ', amount: '1', weight: 1 }] };
  await stage.done('LootboxService.CreateLootbox', 'admin', open);
  await stage.done('LootboxService.OpenLootbox', 'service', { id: 'all', user_id: 'opener' });
  assert.equal((await noted('opener')).length, 1);
  const transfer = { source: { kind: 'operator' }, destination: { kind: 'player', user_id: 'idle' } };
  await stage.done('LedgerService.CreateTransfer', 'service', { ...transfer, asset: 'WINZ', amount: '1' });
  assert.deepEqual(await noted('idle'), []);
});

test('the rows are what the journal says', async () => {
  const { differences, facts } = await stage.verify();
  assert.deepEqual(differences, []);
  assert.ok(facts > 100);
});
