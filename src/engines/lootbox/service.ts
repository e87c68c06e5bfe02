import type {
  BatchOpenRequest, BatchOpenResult, ListLootboxesRequest, LootboxServiceService, OpenLootboxRequest, OpenLootboxResponse,
} from '../../../gen/windfall/lootbox/v1/lootbox.ts';
import { Catalogue } from '../../catalogue/index.ts';
import { callOptions, runInOrder, runOne, type Ready, type Work } from '../../journal/index.ts';
import { chain, decodePageToken, encodePageToken, failureOf, type OperatorNo } from '../../kernel/index.ts';
import type { Context, Implementation } from '../../rpc/index.ts';
import type { Identified } from '../../players/index.ts';
import type { Platform } from '../index.ts';
import { archive, create, update } from './administration.ts';
import { openLootbox, type OpenAnswer, type OpenRequest } from './commands/open.ts';
import { lootboxMessage, oddsMessage, openedMessage } from './mapping.ts';
import { listLootboxes, requireLootbox } from './queries.ts';
import { bindLootbox, type Lootbox } from './rules.ts';

const OPEN_REQUEST = 'windfall.lootbox.v1.OpenLootboxRequest';

/** LootboxService. */
export function lootboxService(platform: Platform): Implementation<typeof LootboxServiceService> {
  const { sql } = platform;
  return {
    listLootboxes: (request, { caller }) => list(platform, request, caller.operator),
    getLootbox: async ({ id }, { caller }) => ({ lootbox: lootboxMessage(await requireLootbox(sql, caller.operator, id)) }),
    getLootboxOdds: async ({ id }, { caller }) => oddsMessage(await requireLootbox(sql, caller.operator, id)),
    ...opening(platform),
    createLootbox: async (request, context) => ({ lootbox: await create(platform, request, context) }),
    updateLootbox: async (request, context) => ({ lootbox: await update(platform, request, context) }),
    archiveLootbox: async (request, context) => ({ lootbox: await archive(platform, request, context) }),
  };
}

async function list({ sql }: Platform, { pageSize, pageToken }: ListLootboxesRequest, operator: OperatorNo) {
  const size = pageSize || 50;
  const after = pageToken === '' ? '' : decodePageToken('lootboxes', pageToken);
  const found = await listLootboxes(sql, operator, after, size + 1);
  const page = found.slice(0, size);
  return {
    lootboxes: page.map(lootboxMessage),
    nextPageToken: found.length > size ? encodePageToken('lootboxes', page.at(-1)!.head.code) : '',
  };
}

/** The two ways to open. */
function opening(platform: Platform) {
  const { tenants } = platform;
  const workOf = openWork(platform);
  const opened = (context: Context, answer: OpenAnswer): OpenLootboxResponse => (
    openedMessage(answer, (asset) => tenants.assetCode(context.caller.operator, asset)));
  return {
    openLootbox: async (request: OpenLootboxRequest, context: Context) => opened(context, await runOne(workOf(context), request)),
    async batchOpen({ items }: BatchOpenRequest, context: Context) {
      const outcomes = await runInOrder(workOf(context), items);
      return { results: outcomes.map((outcome): BatchOpenResult => (outcome.status === 'fulfilled'
        ? { opened: opened(context, outcome.value), failure: undefined }
        : { opened: undefined, failure: failureOf(outcome.reason) })) };
    },
  };
}

/** How opens of one caller are made ready and run. */
function openWork(platform: Platform): (context: Context) => Work<OpenLootboxRequest, OpenRequest, OpenAnswer> {
  const { sql, journal, tenants, identify, requestHash } = platform;
  const hash = requestHash(OPEN_REQUEST);
  const command = openLootbox(platform.keys);
  const lootboxes = new Catalogue<Lootbox>(async (operator, code) => {
    const [{ head, definition }, tenant] = await Promise.all([requireLootbox(sql, operator, code), tenants.of(operator)]);
    const { id, version, versionId } = head;
    return bindLootbox({ id, code, version, versionId, definition }, (asset) => tenant.assetNo(asset));
  });
  return (context) => {
    const ready = (request: OpenLootboxRequest, { brandId, player }: Identified, lootbox: Lootbox): Ready<OpenRequest> => {
      const { count, clientSeed, expectedSeedHash, expectedConfigHash } = request;
      const options = callOptions(context, {
        operation: command.name, brand: brandId, key: request.idempotencyKey, hash: () => hash(request), route: player,
      });
      return { options, request: { lootbox, player, clientSeed, expectedSeedHash, expectedConfigHash, count: count || 1 } };
    };
    return {
      journal, command,
      prepare: (request, fresh) => chain(identify(request, context.caller), (who) => (
        chain(lootboxes.get(context.caller.operator, request.id, fresh), (lootbox) => ready(request, who, lootbox)))),
    };
  };
}
