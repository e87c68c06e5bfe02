import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { JsonObject } from '@bufbuild/protobuf';
import type { EntityManager } from '@mikro-orm/postgresql';
import type { CompiledQuery } from 'kysely';
import pg from 'pg';
import { afterAll, beforeAll, test } from 'vitest';
import { createOrm, createReads, type Reads } from '../../../src/db/index.ts';
import { engines } from '../../../src/engines/index.ts';
import { earningsIn } from '../../../src/engines/pots/raffle/earning.ts';
import { entitiesOf } from '../../../src/schema.ts';
import { RAFFLE_RULES, TEMPLATE } from '../../contract/definitions.ts';
import { startServer, until, type ServerProcess } from '../../support/service.ts';
import { runSql } from '../../support/sql.ts';
import { Stage } from '../raffle/stage.ts';

/** Two servers on one database. */
let stage: Stage;
const more: ServerProcess[] = [];
beforeAll(async () => {
  stage = await Stage.start();
});
afterAll(async () => {
  await Promise.all(more.map((server) => server.end()));
  await stage?.stop();
});

/** An active raffle; tickets cost 0.04, and the operator pays contributions of 0.1. Its id. */
async function raffle(rules: JsonObject, changes: JsonObject = {}): Promise<string> {
  const template_id = randomUUID();
  const template = { ...TEMPLATE, ...RAFFLE_RULES, ...changes, id: template_id };
  const raffle_rules = { ticket_cost: 0.04, winners: [{ count: 1, percentage: 1 }], ...rules };
  await stage.done('TemplateService.SaveTemplate', { template: { ...template, raffle_rules } }, 'admin');
  await stage.done('TemplateService.PublishTemplate', { owner_id: 'demo', template_id }, 'admin');
  const request = { template_id, template_owner_id: 'demo', instance_owner_id: 'demo', instance_name: 'R' };
  const { id } = await stage.done('TemplateService.InstantiateTemplate', request, 'admin');
  await setStatus(id, 'Active');
  return id;
}

const setStatus = (instance_id: string, status: string): Promise<any> =>
  stage.done('InstanceService.SetInstanceStatus', { instance_id, status }, 'admin');
const shown = (instance_id: string): Promise<any> => stage.done('InstanceService.GetInstance', { instance_id });
const ticketsOf = (instance_id: string, round = 0): Promise<any[]> =>
  stage.done('RaffleTicketService.ListInstanceTickets', { instance_id, round, limit: 500 });

/** Contributes at one of the servers. Returns how many tickets that has earned. */
async function contribute(instance: string, player: string, value = 1, server = 1): Promise<number> {
  const [result] = await stage.done(
    'ContributionService.Contribute',
    {
      target: { type: 'instance', id: instance },
      owner_id: 'demo',
      player: { id: player, token: 't', country: 'MT', brand_id: 'main' },
      base_wager: { currency: 'USD', value },
      idempotency_key: randomUUID(),
    },
    'service',
    server,
  );
  return result.tickets_awarded;
}

const count = async (text: string): Promise<number> =>
  Number((await runSql(stage.databaseUrl, `select count(*)::int as n from ${text}`))[0]!.n);

/** Whether the accounts of jackpots hold what their pots and houses say, and nothing is left in escrow. */
async function requireExact(): Promise<void> {
  const rows = await runSql(
    stage.databaseUrl,
    `select a.balance - j.house - (select sum(value + reserve + surplus) from jackpot_pot p
       where p.operator_id = j.operator_id and p.jackpot_id = j.id) as off
     from jackpot j join account a on a.operator_id = j.operator_id and a.id / 16384 = j.id and a.id % 32 = 2`,
  );
  assert.ok(rows.length > 0 && rows.every(({ off }) => Number(off) === 0), JSON.stringify(rows));
  assert.equal((await stage.balances('USD')).escrow, 0);
  assert.deepEqual(await stage.differences(), []);
}

test('whatever wagers earn, tickets are the whole costs in their sum, at two servers at once', async () => {
  const id = await raffle({ ticket_cost: 0.7, ticket_cost_basis: 'BaseWager' });
  const sums = new Map<string, bigint>();
  const earned = new Map<string, number>();
  const calls = Array.from({ length: 60 }, (_, i) => {
    const micros = 1 + ((i * 7_919_993) % 3_000_000);
    const player = `wagers-${i % 3}`;
    sums.set(player, (sums.get(player) ?? 0n) + BigInt(micros));
    return async (): Promise<void> => {
      const tickets = await contribute(id, player, micros / 1e6, i % 2);
      earned.set(player, (earned.get(player) ?? 0) + tickets);
    };
  });
  await Promise.all(calls.map((call) => call()));
  for (const { player_id: player, ticket_count: tickets, accumulated_cost: left } of await ticketsOf(id)) {
    const sum = sums.get(player)!;
    assert.equal(BigInt(tickets), sum / 700_000n);
    assert.equal(BigInt(Math.round(Number(left) * 1e6)), sum % 700_000n);
    assert.equal(earned.get(player), tickets);
  }
  const { entries } = await stage.done('RaffleTicketService.ListRaffleEntries', { instance_id: id, page_size: 500 });
  let next = 0;
  for (const { first_ticket: first, count: tickets } of entries) {
    assert.equal(first, next);
    next += tickets;
  }
  assert.equal(next, (await shown(id)).raffle_round.tickets);
});

test('contributions meet one round after another, none is refused, and each round pays once', async (t) => {
  const id = await raffle({ duration: { Seconds: 1 }, recurring: true });
  const pools = `ticket_pool p join jackpot_round r on r.operator_id = p.operator_id and r.id = p.id
    join definition d on d.id = p.definition_id where d.code = 'jackpot/${id}'`;
  // Nobody has a ticket yet: the first round goes on, and nothing is made.
  const begun = (await shown(id)).raffle_round;
  await until(async () => (await shown(id)).raffle_round.timestamp_end > begun.timestamp_end);
  assert.deepEqual([(await shown(id)).raffle_round.round, await count(pools)], [1, 1]);
  let earned = 0;
  const end = Date.now() + 3500;
  const player = async (i: number): Promise<void> => {
    while (Date.now() < end) {
      const tickets = await contribute(id, `rounds-${i}`, 1, i % 2);
      earned += tickets;
    }
  };
  await Promise.all([0, 1, 2, 3].map(player));
  await setStatus(id, 'Terminated');
  const last = (await shown(id)).raffle_round.round;
  assert.ok(last >= 3, `${last} rounds`);
  await until(async () => (await shown(id)).raffle_round.state === 'completed');
  let all = 0;
  for (let round = 1; round <= last; round++) {
    const tickets = await ticketsOf(id, round);
    for (const { ticket_count: mine } of tickets) all += mine;
    assert.ok(tickets.every((one) => one.timestamp_start < one.timestamp_end));
  }
  assert.equal(all, earned);
  // All winners of all rounds.
  await until(async () => (await count(`${pools} and p.state = 1`)) === 0);
  assert.equal(await count(`${pools} and p.state = 2`), last);
  await requireExact();
  await t.annotate(`${earned} tickets in ${last} rounds`);
});

test('the pot starts again from its reserve and what the winners do not get', async () => {
  const pots = [
    {
      id: 'main',
      contribution: { Percentage: 0.5 },
      seed_contribution: { Percentage: 0.5 },
      seed_strategy: { initial_seed_value: 10, min_reseed_value: 4 },
    },
  ];
  const id = await raffle(
    { duration: { Seconds: 2 }, recurring: true, winners: [{ count: 3, percentage: 0.5 }] },
    { pots },
  );
  for (let i = 0; i < 2; i++) await contribute(id, 'again');
  const before = (await shown(id)).pots[0];
  assert.deepEqual([before.current_value, before.seed_value], [10.05, 0.05]);
  await until(async () => (await shown(id)).raffle_round.round === 2);
  // Each of three winners gets 1.675: 5.025 is left, and goes with the reserve into the new start.
  const { current_value: value, seed_value: reserve, instantiation_count: cycle } = (await shown(id)).pots[0];
  assert.deepEqual([value, reserve, cycle], [5.075, 0, 2]);
  await until(async () => (await stage.balances('USD')).escrow === 0);
  await setStatus(id, 'Terminated');
});

test('a round that ends while it is looked up is not taken for the last one', async () => {
  const id = await raffle({ duration: { Seconds: 1 }, recurring: true });
  await contribute(id, 'looked-up');
  const of = `jackpot j join definition d on d.id = j.definition_id where d.code = 'jackpot/${id}'`;
  const [jackpot] = await runSql(stage.databaseUrl, `select j.id::int8 as id from ${of}`);
  const orm = createOrm({ databaseUrl: stage.databaseUrl, databasePool: 1 }, entitiesOf(engines));
  // The next round begins after the newest one is read, and before its pool is.
  let looks = 0;
  const betweenRounds = (em: EntityManager): object => ({
    getKysely: () =>
      ++looks === 1
        ? em.getKysely()
        : {
            async executeQuery(query: CompiledQuery) {
              await until(async () => (await shown(id)).raffle_round.round === 2);
              return em.getKysely().executeQuery(query);
            },
          },
  });
  const reads: Reads = (read) => createReads(orm)((em) => read(betweenRounds(em) as EntityManager));
  const versions = [{ id: Number(jackpot!.id), instance: { raffle: {} } }];
  const [earning] = await earningsIn({ reads, newId: async () => 1 } as never, 1, versions as never);
  await orm.close();
  assert.deepEqual([looks, earning?.open], [2, true]);
  await setStatus(id, 'Terminated');
  await until(async () => (await stage.balances('USD')).escrow === 0);
});

test('a server that dies between the end of a round and the payment loses and doubles nothing', async () => {
  const id = await raffle({});
  await contribute(id, 'late');
  const [{ pool }] = (await runSql(
    stage.databaseUrl,
    `select p.id::int8 as pool from ticket_pool p join definition d on d.id = p.definition_id
     where d.code = 'jackpot/${id}'`,
  )) as [{ pool: number }];
  // Who holds the winner's account stops the draw after the round is closed.
  await stage.fund('late', 1, 'USD');
  const client = new pg.Client(stage.databaseUrl);
  await client.connect();
  await client.query('begin');
  await client.query(
    `select 1 from account a join player p on p.id = a.id / 16384
     where a.id % 32 = 0 and p.user_id = 'late' for update of a`,
  );
  await setStatus(id, 'Terminated');
  await until(async () => (await shown(id)).raffle_round.state === 'closed');
  more.push(await startServer(stage.databaseUrl));
  await Promise.all(stage.servers.map((server) => server.end('SIGKILL')));
  await client.query('rollback');
  await client.end();
  // What servers do with the tasks of a dead one after a minute; and the tasks are run again, several times.
  await runSql(stage.databaseUrl, 'update graphile_worker._private_jobs set locked_at = null, locked_by = null');
  const state = async (): Promise<number> =>
    Number((await runSql(stage.databaseUrl, `select state from ticket_pool where id = ${pool}`))[0]!.state);
  await until(async () => (await state()) === 2);
  const payload = JSON.stringify({ operator: 1, id: Number(pool), at: Date.now() * 1000 });
  for (let i = 0; i < 5; i++)
    await runSql(stage.databaseUrl, `select graphile_worker.add_job('jackpot.draw-round', '${payload}'::json)`);
  await until(async () => (await count('graphile_worker._private_jobs')) === 0);
  assert.equal(await count(`journal where kind = 1123 and aggregate_id = ${pool}`), 1);
  assert.equal((await stage.balances('USD')).of.get('late'), 11);
  await requireExact();
});
