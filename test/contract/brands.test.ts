import assert from 'node:assert/strict';
import type { JsonObject } from '@bufbuild/protobuf';
import { afterAll, beforeAll, describe, test } from 'vitest';
import type { Headers } from '../support/api.ts';
import { startService, until, type Service } from '../support/service.ts';
import { runSql } from '../support/sql.ts';

/** One brand by its number, the other by its name. */
const ONE = '1001';
const TWO = 'second';
const ALL = ['read', 'play', 'jackpot:contribute', 'ledger:issue', 'players:write'];
let service: Service;
/** Keys of all brands, and of one each. */
const keys = new Map<string, Headers>();
beforeAll(async () => {
  service = await startService();
  await runSql(service.databaseUrl, 'insert into brand (operator_id, brand_id, name) values (1, 1002, $1)', [TWO]);
  const admin = await service.credentials('admin', '');
  keys.set('', await service.credentials('service', ''));
  for (const brand of [ONE, TWO]) {
    // The server knows a new brand within a second.
    await until(async () => {
      const { body } = await service.grpc('AuthService.CreateApiKey', { scopes: ALL, brand_id: brand }, admin);
      if (body === null) return false;
      keys.set(brand, { authorization: `Bearer ${(body as { secret: string }).secret}` });
      return true;
    });
  }
});
afterAll(() => service.stop());

async function call(rpc: string, request: JsonObject, brand: string): Promise<{ reason: string | null; body: any }> {
  const over = await service.grpc(rpc, request, keys.get(brand));
  return { reason: over.reason, body: over.body };
}

/** Each does something for player `u` of the first brand, as a key of all brands. Resolves to the operation's id. */
const OPERATIONS: Readonly<Record<string, () => Promise<string>>> = {
  transfer: async () =>
    (
      await call(
        'LedgerService.CreateTransfer',
        {
          source: { kind: 'operator' },
          destination: { kind: 'player', user_id: 'u', brand_id: ONE },
          asset: 'WINZ',
          amount: '10',
        },
        '',
      )
    ).body.transfer.transfer_id,
  open: async () =>
    (await call('LootboxService.OpenLootbox', { id: 'welcome-box', user_id: 'u', brand_id: ONE }, '')).body.open_id,
  contribution: async () =>
    (
      await call(
        'JackpotService.ContributeToJackpot',
        {
          id: 'daily-drop',
          user_id: 'u',
          brand_id: ONE,
          amount: 1,
        },
        '',
      )
    ).body.contribution_id,
};

describe('a key of one brand', () => {
  for (const [name, act] of Object.entries(OPERATIONS)) {
    test(`finds a ${name} of its brand, and none of another`, async () => {
      const id = await act();
      assert.equal((await call('JournalService.FindOperation', { operation_id: id }, ONE)).reason, null);
      assert.equal((await call('JournalService.FindOperation', { operation_id: id }, '')).reason, null);
      assert.equal(
        (await call('JournalService.FindOperation', { operation_id: id }, TWO)).reason,
        'OPERATION_NOT_FOUND',
      );
    });
  }

  test('lists the progress of its players alone, and of one journey alone', async () => {
    const admin = await service.credentials('admin', '');
    const later = { id: 'later', steps: [{ trigger: 'later' }, { trigger: 'later' }] };
    assert.equal((await service.grpc('JourneyService.CreateJourney', later, admin)).reason, null);
    for (const trigger of ['signup', 'later']) {
      const fired = await call('JourneyService.FireEvent', { user_id: 'u', brand_id: ONE, trigger }, '');
      assert.equal(fired.reason, null);
    }
    for (const [brand, players] of [
      ['', ['u']],
      [ONE, ['u']],
      [TWO, []],
    ] as const) {
      const { body } = await call('JourneyService.ListProgress', { id: 'welcome' }, brand);
      const names = (body.progress as { user_id: string }[]).map(({ user_id: name }) => name);
      assert.deepEqual(names, players, brand);
    }
  });

  test('reverses a transfer of its brand, and none of another', async () => {
    const id = await OPERATIONS['transfer']!();
    const reverse = (brand: string): Promise<{ reason: string | null }> =>
      call('LedgerService.ReverseTransfer', { transfer_id: id }, brand);
    assert.equal((await reverse(TWO)).reason, 'TRANSFER_NOT_FOUND');
    assert.equal((await reverse(ONE)).reason, null);
  });

  test('neither reads, nor debits, nor plays for a player of another', async () => {
    await OPERATIONS['transfer']!();
    const player = { user_id: 'u', brand_id: ONE };
    const asked: readonly (readonly [string, JsonObject])[] = [
      ['PlayerService.GetPlayer', player],
      ['LedgerService.ListBalances', player],
      ['LedgerService.ListTransfers', { ...player, asset: 'WINZ' }],
      ['FairnessService.ListDraws', player],
      ['FairnessService.GetCommitment', player],
      [
        'LedgerService.CreateTransfer',
        { source: { kind: 'player', ...player }, destination: { kind: 'operator' }, asset: 'WINZ', amount: '1' },
      ],
      ['LootboxService.OpenLootbox', { id: 'welcome-box', ...player }],
      ['JackpotService.ContributeToJackpot', { id: 'daily-drop', amount: 1, ...player }],
      ['PlayerService.ListPlayers', { brand_id: ONE }],
    ];
    for (const [rpc, request] of asked) {
      assert.equal((await call(rpc, request, ONE)).reason, null, rpc);
      assert.equal((await call(rpc, request, TWO)).reason, 'BRAND_NOT_FOUND', rpc);
    }
  });

  test('means a player of its own brand where it names none, though another has one of that name', async () => {
    await OPERATIONS['transfer']!();
    assert.equal((await call('LedgerService.ListBalances', { user_id: 'u' }, TWO)).reason, 'PLAYER_NOT_FOUND');
  });
});
