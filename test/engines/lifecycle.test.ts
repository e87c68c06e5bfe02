import assert from 'node:assert/strict';
import type { JsonObject } from '@bufbuild/protobuf';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { grpcApi, type Outcome } from '../support/api.ts';
import { Callers } from '../support/callers.ts';
import { freshDatabase } from '../support/database.ts';
import { startServer, type ServerProcess } from '../support/service.ts';
import { runSql } from '../support/sql.ts';
import { Definition, jackpot, lootbox, soon, tournament, type Engine } from './definition.ts';

const OUTSIDERS = ['anonymous', 'player'];

let url: string;
let servers: ServerProcess[];
let apis: ReturnType<typeof grpcApi>[];
let callers: Callers;
beforeAll(async () => {
  url = await freshDatabase();
  servers = [await startServer(url), await startServer(url)];
  apis = servers.map(({ address }) => grpcApi(address));
  callers = new Callers(apis[0]!.call, url);
});
afterAll(async () => {
  for (const api of apis) api.close();
  await Promise.all(servers.map((server) => server.end()));
});

const define = (engine: Engine): Definition => new Definition(engine, { calls: apis.map(({ call }) => call), callers });
const pick = (object: JsonObject, ...names: string[]): unknown[] => names.map((name) => object[name] ?? null);
const SCHEDULE = ['version', 'latest_version', 'scheduled_version', 'scheduled_time'];
const fieldOf = ({ details }: Outcome): unknown => (details['fields'] as { field: string }[] | undefined)?.[0]?.field;

for (const engine of [lootbox, jackpot, tournament]) {
  // They wait for seconds to pass: all at once.
  describe(`a ${engine.one.toLowerCase()}`, () => {
    test.concurrent('has a scheduled version in force from its time on, and everybody sees it before', async (t) => {
      const one = define(engine);
      await one.create();
      const at = soon(6000);
      const answer = await one.update({ name: 'Second', effective_time: at, reason: 'launch' });
      assert.deepEqual(pick(answer, 'name', 'status', 'effective_time', ...SCHEDULE), [
        'Second',
        'active',
        at,
        2,
        2,
        2,
        at,
      ]);
      const another = await one.tryUpdate({ name: 'Third', expected_version: 1 });
      assert.deepEqual([another.reason, another.details['version']], ['VERSION_MISMATCH', '2']);
      const { texts, newest } = await one.changes();
      assert.deepEqual(texts, ['scheduled 2 active', 'created 1 active']);
      assert.deepEqual(pick(newest, 'effective_time', 'reason', 'caller'), [at, 'launch', 'admin:1']);
      for (const as of [...OUTSIDERS, 'admin', 'service']) {
        for (const shown of [await one.seen(as), (await one.listed(as))!]) {
          assert.deepEqual(pick(shown, 'name', ...SCHEDULE), ['First', 1, 2, 2, at]);
        }
        assert.deepEqual(pick(await one.seen(as, 2), 'name', 'version', 'effective_time'), ['Second', 2, at]);
      }
      assert.equal((await one.use()).status, 'OK');
      assert.ok(new Date().toISOString() < at, 'it took too long to look: nothing was seen of the time before');
      const then = await one.inForce(2, t);
      assert.ok(String(then['effective_time']) >= at, 'it took effect before its time');
      assert.deepEqual(pick(then, 'name', 'status', 'scheduled_version'), ['Second', 'active', null]);
      assert.deepEqual(pick(await one.seen('admin'), ...SCHEDULE), [2, 2, null, null]);
      const first = await one.seen('anonymous', 1);
      assert.deepEqual(pick(first, 'name', 'latest_version'), ['First', 2]);
      assert.deepEqual(pick({ ...first, next: then['superseded_time'] ?? null }, 'superseded_time', 'next'), [
        then['effective_time'],
        null,
      ]);
      const after = await one.changes();
      assert.deepEqual(after.texts, ['effective 2 active', 'scheduled 2 active', 'created 1 active']);
      assert.deepEqual(pick(after.newest, 'caller', 'reason', 'effective_time'), ['task', null, null]);
      const used = await one.use();
      assert.equal(used.status, 'OK');
      if (engine === lootbox) assert.equal((used.body as JsonObject)['lootbox_version'], 2);
    });

    test.concurrent('that is created for a time to come is a draft until then, and opens once', async (t) => {
      const one = define(engine);
      const at = soon(6000);
      const answer = await one.create({ effective_time: at });
      assert.deepEqual(pick(answer, 'status', 'effective_time', ...SCHEDULE), ['draft', at, 1, 1, 1, at]);
      for (const as of OUTSIDERS) assert.equal((await one.get(as)).reason, engine.notFound);
      const early = await one.use();
      assert.deepEqual([early.reason, early.details['status']], [engine.notActive, 'draft']);
      // A draft is changed as often as one likes, and what was scheduled is withdrawn then.
      await one.update({ name: 'Second' });
      assert.deepEqual(pick(await one.seen('admin'), 'status', ...SCHEDULE), ['draft', 2, 2, null, null]);
      const later = soon(6000);
      await one.update({ effective_time: later });
      assert.deepEqual(pick(await one.seen('admin'), 'name', 'status', ...SCHEDULE), [
        'Second',
        'draft',
        2,
        2,
        2,
        later,
      ]);
      const then = await one.inForce(2, t);
      assert.ok(String(then['effective_time']) >= later, 'it took effect at the time that was withdrawn');
      assert.deepEqual(pick(then, 'name', 'status'), ['Second', 'active']);
      assert.deepEqual((await one.changes()).texts, [
        'effective 2 active',
        'scheduled 2 draft',
        'updated 2 draft',
        'created 1 draft',
      ]);
      assert.equal((await one.use()).status, 'OK');
      assert.equal((await one.get('anonymous', 1)).reason, 'VERSION_NOT_FOUND');
      if (engine === jackpot) assert.deepEqual(await openings(one.id), [17_000_000n]);
    });

    test.concurrent('never has a withdrawn version in force, and still shows it to everybody', async () => {
      const [one, replaced, archived] = [define(engine), define(engine), define(engine)];
      const witness = define(engine);
      for (const each of [one, replaced, archived, witness]) await each.create();
      const at = soon(5000);
      for (const each of [one, replaced, archived, witness]) await each.update({ name: 'Second', effective_time: at });
      assert.deepEqual(pick(await one.update({ name: 'Third' }), ...SCHEDULE), [3, 3, null, null]);
      const later = soon(7000);
      await replaced.update({ name: 'Third', effective_time: later });
      assert.deepEqual(pick(await archived.archive(), 'status', ...SCHEDULE), ['archived', 1, 2, null, null]);
      await witness.inForce(2);
      assert.ok(String((await replaced.inForce(3))['effective_time']) >= later);
      assert.deepEqual(pick(await one.seen('anonymous'), 'name', 'version'), ['Third', 3]);
      assert.deepEqual(pick(await archived.seen('anonymous'), 'name', 'status', 'version'), ['First', 'archived', 1]);
      for (const each of [one, replaced, archived]) {
        for (const as of [...OUTSIDERS, 'admin']) {
          const shown = pick(await each.seen(as, 2), 'name', 'version', 'effective_time', 'superseded_time');
          assert.deepEqual(shown, ['Second', 2, null, null]);
        }
      }
      assert.deepEqual((await replaced.changes()).texts, [
        'effective 3 active',
        'scheduled 3 active',
        'scheduled 2 active',
        'created 1 active',
      ]);
      // Revived, it is as it was in force, and its next version has the next number.
      const revived = await archived.update({ status: 'active' });
      assert.deepEqual(pick(revived, 'name', 'status', 'version'), ['First', 'active', 1]);
      assert.deepEqual(pick(await archived.update({ name: 'Third' }), 'version'), [3]);
    });

    test.concurrent('that is paused stays paused while a scheduled version takes effect', async () => {
      const one = define(engine);
      await one.create();
      await one.update({ name: 'Second', effective_time: soon(5000) });
      const paused = await one.update({ status: 'paused' });
      assert.deepEqual(pick(paused, 'status', 'version', 'scheduled_version'), ['paused', 1, 2]);
      assert.deepEqual(pick(await one.inForce(2), 'name', 'status'), ['Second', 'paused']);
      assert.equal((await one.use()).reason, engine.notActive);
      assert.deepEqual((await one.changes()).texts, [
        'effective 2 paused',
        'paused 1 paused',
        'scheduled 2 active',
        'created 1 active',
      ]);
      await one.update({ status: 'active' });
      assert.equal((await one.use()).status, 'OK');
    });

    test.concurrent('rejects requests that make no sense with a future time', async () => {
      const one = define(engine);
      const at = soon(3_600_000);
      assert.equal(fieldOf(await one.tryCreate({ status: 'active', effective_time: at })), 'status');
      await one.create();
      assert.equal(fieldOf(await one.tryUpdate({ name: 'Second', status: 'paused', effective_time: at })), 'status');
      assert.equal(fieldOf(await one.tryUpdate({ name: 'First', effective_time: at })), 'effective_time');
      const never = await one.tryUpdate({ name: 'Second', effective_time: '9999-12-31T23:59:59Z' });
      assert.equal(fieldOf(never), 'effective_time');
      assert.deepEqual((await one.changes()).texts, ['created 1 active']);
      await one.archive();
      assert.equal((await one.tryUpdate({ name: 'Second', effective_time: at })).reason, engine.notActive);
      const revival = await one.tryUpdate({ name: 'Second', status: 'active', effective_time: at });
      assert.equal(fieldOf(revival), 'effective_time');
      assert.deepEqual((await one.changes()).texts, ['archived 1 archived', 'created 1 active']);
    });

    test.concurrent('that many publish at once is published once', async () => {
      const one = define(engine);
      await one.create({ status: 'draft' });
      const both = Array.from({ length: 20 }, (_, i) => one.tryUpdate({ status: 'active' }, i % 2));
      const outcomes = (await Promise.all(both)).map(({ status, reason }) => `${status} ${reason}`);
      assert.deepEqual(new Set(outcomes), new Set(['OK null']));
      assert.deepEqual((await one.changes()).texts, ['activated 1 active', 'created 1 draft']);
      if (engine === jackpot) assert.deepEqual(await openings(one.id), [17_000_000n]);
    });

    test.concurrent('is listed only with those of its status', async () => {
      const ids = ['draft', 'active', 'paused', 'archived'] as const;
      const all = new Map(ids.map((status) => [status, define(engine)]));
      for (const [status, one] of all) {
        await one.create(status === 'draft' ? { status } : {});
        if (status === 'paused') await one.update({ status });
        if (status === 'archived') await one.archive();
      }
      for (const asked of ids) {
        for (const [status, one] of all) {
          assert.equal((await one.listed('service', asked))?.['status'], status === asked ? asked : undefined);
        }
      }
    });
  });
}

/** What each opening of a jackpot moved from the operator to it, in micro-units. */
async function openings(code: string): Promise<bigint[]> {
  const rows = await runSql(
    url,
    'select j.transfers from journal j join jackpot p on p.operator_id = j.operator_id ' +
      'and p.id = j.aggregate_id join definition d on d.operator_id = j.operator_id and d.id = p.definition_id ' +
      'where j.kind = 1101 and d.code = $1',
    [`jackpot/${code}`],
  );
  return rows.map(({ transfers }) => {
    const [, , amount, ...more] = (transfers as string[]).map(BigInt);
    assert.deepEqual(more, []);
    return amount!;
  });
}

test('the ledger is balanced, and jackpots hold what their pots and houses have', async () => {
  const { body } = await apis[0]!.call('LedgerService.GetTrialBalance', {}, await callers.headers('admin', ''));
  const { balanced, assets } = body as { balanced: boolean; assets: { asset: string; jackpot: string }[] };
  assert.equal(balanced, true);
  const [{ held }] = await runSql(
    url,
    'select (select sum(value + reserve + surplus) from jackpot_pot) ' + '+ (select sum(house) from jackpot) as held',
  );
  assert.equal(Math.round(Number(assets.find(({ asset }) => asset === 'USD')!.jackpot) * 1e6), Number(held));
});

test('there was no internal error', () => {
  for (const server of servers) assert.doesNotMatch(server.log(), /"msg":"fault"/);
});
