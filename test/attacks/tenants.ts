import type { JsonObject } from '@bufbuild/protobuf';
import type { Headers } from '../support/api.ts';
import { judge, tally, type Attack } from './attack.ts';
import type { Scene } from './scene.ts';

const open = async (scene: Scene, headers: Headers, request: JsonObject): Promise<string> => {
  const { reason, status } = await scene.grpc('LootboxService.OpenLootbox', request, headers);
  return reason ?? String(status);
};

/** Things of the first operator by their ids, asked for with the other operator's key. */
const foreignIds: Attack = {
  name: 'ids of another operator: its draw, proof, operation, transfer, player, box, receipt',
  before: 'held (issue)',
  async run(scene) {
    const opened = await scene.must('service', 'LootboxService.OpenLootbox', { id: 'welcome-box', user_id: 'victim' });
    const moved = await scene.must('service', 'LedgerService.CreateTransfer', {
      source: { kind: 'operator' },
      destination: { kind: 'player', user_id: 'victim' },
      asset: 'WINZ',
      amount: '5',
      idempotency_key: scene.unique('moved'),
    });
    const asked: readonly (readonly [string, JsonObject])[] = [
      ['FairnessService.GetProof', { draw_id: opened.open_id }],
      ['FairnessService.GetReceipt', { draw_id: opened.open_id }],
      ['JournalService.FindOperation', { operation_id: opened.open_id }],
      ['LedgerService.ReverseTransfer', { transfer_id: moved.transfer.transfer_id }],
      ['LedgerService.ListBalances', { user_id: 'victim' }],
      ['LedgerService.ListTransfers', { user_id: 'victim' }],
      ['LootboxService.GetLootbox', { id: 'welcome-box' }],
      ['LootboxService.OpenLootbox', { id: 'welcome-box', user_id: 'thief' }],
      ['PlayerService.GetPlayer', { user_id: 'victim' }],
    ];
    const shown: string[] = [];
    const outcomes: string[] = [];
    for (const [rpc, request] of asked) {
      const { reason, status, body } = await scene.grpc(rpc, request, scene.rival);
      outcomes.push(reason ?? String(status));
      if (reason === null && JSON.stringify(body).includes(opened.open_id)) shown.push(rpc);
      if (reason === null && rpc !== 'LedgerService.ListBalances' && rpc !== 'LedgerService.ListTransfers')
        shown.push(rpc);
    }
    return judge(tally(outcomes), { [shown.join()]: shown.length > 0 });
  },
};

const brands: Attack = {
  name: 'another brand: a key names the other operator’s brand, and a player names another player',
  before: 'held (issue)',
  async run(scene) {
    const player = await scene.as('player', 'ann');
    const outcomes = [
      await open(scene, scene.rival, { id: 'rival-box', user_id: 'rita', brand_id: '1001' }),
      await open(scene, await scene.as('service'), { id: 'welcome-box', user_id: 'x', brand_id: '2001' }),
      await open(scene, player, { id: 'welcome-box', user_id: 'ben' }),
      await open(scene, player, { id: 'welcome-box', user_id: 'ann', brand_id: '2001' }),
      await open(
        scene,
        { ...(await scene.as('service')), 'x-windfall-operator': 'rival' },
        { id: 'rival-box', user_id: 'x' },
      ),
      await open(scene, { ...scene.rival, ...player }, { id: 'rival-box', user_id: 'ann' }),
    ];
    const ok = outcomes.filter((outcome) => outcome === 'OK').length;
    return judge(tally(outcomes), { [`${ok} were answered`]: ok > 0 });
  },
};

/** Of one list, a page token given to others: to another operator, another list, changed, or made up. */
const pageTokens: Attack = {
  name: 'forged page tokens: of another operator, of another list, with a changed byte, made up',
  before: 'not measured',
  async run(scene) {
    const list = 'LootboxService.ListLootboxes';
    const service = await scene.as('service');
    await scene.box();
    const { next_page_token: token } = (await scene.grpc(list, { page_size: 1 }, service)).body as {
      next_page_token: string;
    };
    const made = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
    const forged = [
      token.slice(0, -2),
      `${token.slice(0, 4)}AAAA${token.slice(8)}`,
      made({ id: "' or 1=1 --" }),
      made([1, 2, 3]),
      made({ __proto__: { operator: 2 } }),
      Buffer.alloc(300, 0xff).toString('base64url'),
      '../../etc/passwd',
    ];
    const outcomes: string[] = [];
    const wrong: string[] = [];
    for (const page_token of forged) {
      for (const rpc of [list, 'JackpotService.ListJackpots', 'PlayerService.ListPlayers']) {
        const { reason, status } = await scene.grpc(rpc, { page_token }, service);
        outcomes.push(reason ?? String(status));
        if (['INTERNAL', 'UNAVAILABLE', 'UNKNOWN'].includes(reason ?? String(status)))
          wrong.push(`${rpc} ${page_token}`);
      }
    }
    const foreign = await scene.grpc(list, { page_token: token }, scene.rival);
    const names = ((foreign.body as { lootboxes?: { id: string }[] } | null)?.lootboxes ?? []).map(({ id }) => id);
    const seen = names.filter((name) => name !== 'rival-box');
    return judge(`${tally(outcomes)}; with another operator's: ${foreign.reason ?? names.length}`, {
      [`faults: ${wrong.join()}`]: wrong.length > 0,
      [`shows ${seen.join()}`]: seen.length > 0,
    });
  },
};

export const TENANTS: readonly Attack[] = [foreignIds, brands, pageTokens];
