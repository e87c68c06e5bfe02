import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, test } from 'vitest';
import { startService, type Service } from '../../support/service.ts';

let service: Service;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.stop());

/** Calls over HTTP, as an operator's own back end does. @returns status and body. */
async function http(as: 'admin' | 'service', line: string, body?: unknown, type = 'application/json') {
  const [method, path] = line.split(' ') as [string, string];
  const headers = { ...(await service.credentials(as, '')), 'content-type': type };
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const answer = await fetch(`${service.envoy.base}${path}`, { method, headers, body: text ?? null });
  const read = await answer.text();
  const isJson = answer.headers.get('content-type')?.includes('json') === true;
  const shown: any = isJson ? JSON.parse(read) : read;
  return { status: answer.status, body: shown };
}

async function ok(as: 'admin' | 'service', line: string, body?: unknown, type?: string): Promise<any> {
  const answer = await http(as, line, body, type);
  assert.ok(answer.status < 300, `${line}: ${JSON.stringify(answer.body)}`);
  return answer.body;
}

const [template, source, segment] = [`life-${randomUUID()}`, randomUUID(), randomUUID()];
const players = ['a', 'b', 'c'].map((name) => `${name}-${source}`);
const currencies = ['USD', 'EUR', 'WINZ'];
/** The instance, and the one that gets its money at the end. */
let id = '';
let heir = '';
const shown = async (of: string): Promise<any> => ok('service', `GET /instances/${of}`);

const contribute = async (i: number, value: number): Promise<any> => {
  const [result] = await ok('service', 'POST /v2/jackpots/contribute', {
    target: { type: 'source', id: source },
    owner_id: 'demo',
    player: { id: players[i], token: 't', country: 'MT', brand_id: 'main', segments: [segment] },
    base_wager: { currency: currencies[i], value },
    options: { idempotency_key: randomUUID() },
  });
  assert.equal(result.instance_id, id);
  return result;
};

const balances = async (): Promise<string[]> =>
  Promise.all(
    players.map(async (player, i) => {
      const { balances: all } = await ok('service', `GET /v1/players/${player}/balances`);
      return all.find((one: any) => one.asset === currencies[i]).amount;
    }),
  );

/** The samples of an instance, by name and pot. */
async function meters(of: string): Promise<Map<string, number>> {
  const text: string = await ok('admin', 'GET /metrics');
  const samples = new Map<string, number>();
  for (const [, name, labels = '', value] of text.matchAll(/^windfall_pots_(\w+)\{([^}]*)\} (\S+)$/gm)) {
    const pot = /pot_id="(\w+)"/.exec(labels)?.[1] ?? '';
    if (labels.includes(of)) samples.set(`${name} ${pot}`.trim(), Number(value));
  }
  return samples;
}

test('a template is saved, refused, published and instantiated', async () => {
  const pot = (id: string, more: object): object => ({
    id,
    contribution: { Percentage: 0.4 },
    seed_contribution: { Percentage: 0.5 },
    seed_strategy: { initial_seed_value: 10, min_reseed_value: 10 },
    ...more,
  });
  await ok('admin', 'POST /templates', {
    id: template,
    name: 'Life',
    owner_id: 'demo',
    currency: 'USD',
    contribution_rules: {
      opt_in_required: true,
      contribution_type: { Percentage: 0.1 },
      operator_contribution_percentage: 0.5,
      withhold_above: 10.5,
    },
    house_hold_contribution: { Percentage: 0.2 },
    pots: [
      pot('minor', {
        pot_types: [{ HitRate: { max_magic_number: 1, cost_per_attempt: 4 } }],
        criteria: { min_contribution: 4 },
      }),
      pot('mega', { supports_external_trigger: true }),
    ],
  });
  const wanted = {
    template_owner_id: 'demo',
    template_id: template,
    instance_owner_id: 'demo',
    instance_name: 'Life',
    schedule: { timestamp_end: Date.now() + 3_600_000 },
  };
  const refused = await http('admin', 'POST /templates/instantiate', wanted);
  assert.deepEqual([refused.status, refused.body.code], [409, 'TEMPLATE_NOT_PUBLISHED']);
  await ok('admin', 'POST /templates/publish', { owner_id: 'demo', template_id: template });
  ({ id } = await ok('admin', 'POST /templates/instantiate', wanted));
  ({ id: heir } = await ok('admin', 'POST /templates/instantiate', { ...wanted, instance_name: 'Heir' }));
  for (const one of [id, heir]) await ok('admin', `PUT /instances/${one}/status?status=Active`);
});

test('the instance stands behind a source for a segment, and players opt in by a file', async () => {
  const owned = { owner_id: 'demo:main' };
  await ok('admin', 'POST /config/sources', [{ ...owned, source_name: 'Life', source_id: source, jackpots: [] }]);
  await ok('admin', 'POST /config/sources/assignjackpot', { ...owned, source_id: [source], instance_id: heir });
  await ok('admin', 'POST /config/segments', [{ ...owned, id: segment, priority: 0 }]);
  await ok('admin', 'POST /config/segments/assignjackpot', { ...owned, segment_id: segment, instance_id: id });
  const multipliers = { USD: 1, EUR: 0.8, WINZ: 10 };
  await ok('admin', 'POST /config/currencies/demo:main', { base_currency: 'USD', multipliers });

  const file = players.map((player) => `${id},demo:main,${player},true`).join('\n');
  const told = await ok('service', 'POST /instances/optin/bulk', file, 'text/csv');
  assert.deepEqual([told.applied, told.error_count], [3, 0]);

  for (const [i, player] of players.entries())
    await ok('service', 'POST /v1/ledger/transfers', {
      source: { kind: 'operator' },
      destination: { kind: 'player', user_id: player },
      asset: currencies[i],
      amount: '100',
    });
});

test('players contribute in three currencies; a win is withheld and released; ledger and metrics agree', async () => {
  // 1 USD of each: 0.1 for the player and 0.1 for the operator in all of the currencies.
  for (const [i, value] of [10, 8, 100].entries()) {
    const { win_amount: won, contribution_amount: paid } = await contribute(i, value);
    assert.deepEqual([won, paid], [0, value / 10]);
  }
  // It hits: minor has 10, and the parts of those before went to its reserve, as they are below its least.
  const win = await contribute(1, 32);
  assert.deepEqual([win.win_pot_id, win.win_amount, win.contribution_amount], ['minor', 10.8, 3.2]);
  assert.equal(win.win_withheld, true);
  const before = await shown(id);
  assert.deepEqual(
    before.pots.map((one: any) => [one.current_value, one.seed_value]),
    [
      [10, 0],
      [11.4, 1.4],
    ],
  );
  assert.deepEqual([before.total_contributions, before.house_pot.current_value], [4, 1.4]);

  // Half of 1 USD, of 0.8 and 3.2 EUR and of 10 WINZ; then 10.80 USD in EUR.
  assert.deepEqual(await balances(), ['99.5', '98', '95']);
  const [withheld] = await ok('service', `GET /instances/${id}/withheld`);
  assert.deepEqual(
    [withheld.gameround_id, withheld.payout_currency, withheld.payout_amount],
    [win.gameround_id, 'EUR', 8.64],
  );
  await ok('admin', `POST /instances/${id}/withheld/${win.gameround_id}/release`, { reason: 'verified' });
  assert.deepEqual(await balances(), ['99.5', '106.64', '95']);
  const metered = await meters(id);
  assert.deepEqual(
    ['contributions_total', 'contributed_total', 'pot_wins_total minor', 'pot_paid_total minor', 'pot_value mega'].map(
      (name) => metered.get(name),
    ),
    [4, 7, 1, 10.8, 11.4],
  );
});

test('its money goes to another instance, and it ends; changelogs and ledger agree', async () => {
  await ok('admin', `PUT /instances/${id}/status?status=Paused`);
  await ok('admin', 'POST /instances/transfer', {
    source_instance_id: id,
    target_instance_id: heir,
    user_id: 'somebody',
    transfer_optins: false,
    pot_rules: [
      { source_pot: 'minor', target_pot: { minor: 1 } },
      { source_pot: 'mega', target_pot: { minor: 0.25, mega: 0.75 } },
    ],
    reason: 'closing down',
  });
  assert.deepEqual(
    (await shown(heir)).pots.map((one: any) => [one.current_value, one.seed_value]),
    [
      [22.85, 0.35],
      [18.55, 1.05],
    ],
  );
  await ok('admin', `PUT /instances/${id}/status?status=Terminated`);
  assert.deepEqual(
    (await shown(id)).pots.map((one: any) => one.current_value),
    [0, 0],
  );
  const changes = async (of: string): Promise<string[][]> =>
    (await ok('service', `GET /instances/${of}/changelog`)).map((one: any) => [
      one.action,
      one.status,
      one.after ?? '',
    ]);
  assert.deepEqual(await changes(id), [
    ['archived', 'Terminated', ''],
    ['transferred', 'Paused', '22.8'],
    ['paused', 'Paused', ''],
    ['released', 'Active', '10.8'],
    ['activated', 'Active', ''],
    ['created', 'Pending', ''],
  ]);
  assert.deepEqual((await changes(heir))[0], ['transferred', 'Active', '22.8']);
  const { balanced } = await ok('admin', 'GET /v1/ledger/trial-balance');
  assert.equal(balanced, true);
});
