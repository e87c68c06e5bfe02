import { LootboxDefinition, type LootboxPrize } from '../../../gen/ts/windfall/facts/v1/facts.ts';
import type {
  CreateLootboxRequest,
  GuaranteedInput,
  Lootbox as LootboxMessage,
  Price,
  PrizeInput,
  UpdateLootboxRequest,
} from '../../../gen/ts/windfall/lootbox/v1/lootbox.ts';
import { defineDefinition } from '../../catalogue/index.ts';
import { bindTable } from '../../fairness/index.ts';
import { formatDecimal, parseDecimal, ApiError } from '../../kernel/index.ts';
import { tableIssues } from '../../prizes/index.ts';
import { bindLootbox, prizeTable, type Lootbox } from './rules.ts';
import { guaranteedMessage, prizeMessages } from './view.ts';

/** Lootboxes' definitions: an update sets the fields that are present, and replaces the table as a whole. */
export const lootboxes = defineDefinition<
  LootboxDefinition,
  Lootbox,
  CreateLootboxRequest,
  UpdateLootboxRequest,
  Partial<LootboxMessage>
>({
  engine: 'lootbox',
  nouns: { one: 'Lootbox', many: 'Lootboxes' },
  reasons: { notFound: 'LOOTBOX_NOT_FOUND', notActive: 'LOOTBOX_NOT_ACTIVE' },
  format: 1,
  encode: (content) => LootboxDefinition.encode(content).finish(),
  read: (_, bytes) => LootboxDefinition.decode(bytes),
  create: ({ id, name, price, rolls, prizes, guaranteed }) =>
    checked({
      ...priceOf(price),
      name: name || id,
      rolls: rolls || 1,
      prizes: prizes.map((prize) => prizeOf(prize, prize.weight)),
      guaranteed: guaranteed.map((reward) => prizeOf(reward, 0)),
    }),
  update: (before, { name, price, rolls, prizes, guaranteed }) =>
    checked({
      ...before,
      ...(price === undefined ? {} : priceOf(price)),
      name: name ?? before.name,
      rolls: rolls || before.rolls,
      prizes: prizes.length === 0 ? before.prizes : prizes.map((prize) => prizeOf(prize, prize.weight)),
      guaranteed: guaranteed === undefined ? before.guaranteed : guaranteed.rewards.map((reward) => prizeOf(reward, 0)),
    }),
  configHash: (content) => Buffer.from(bindTable(prizeTable(content)).configHash, 'hex'),
  bind: (version, tenant) => bindLootbox(version, (asset) => tenant.assetNo(asset)),
  show: ({ content, configHash }) => ({
    name: content.name,
    configHash,
    price: content.priceAsset === '' ? undefined : { asset: content.priceAsset, amount: formatDecimal(content.price) },
    rolls: content.rolls,
    prizes: prizeMessages(content),
    guaranteed: content.guaranteed.map(guaranteedMessage),
  }),
});

function checked(content: LootboxDefinition): LootboxDefinition {
  const fields = tableIssues(prizeTable(content), 'lootbox');
  if (fields.length > 0)
    throw new ApiError('INVALID_ARGUMENT', `${fields[0]!.field} ${fields[0]!.description}`, { fields });
  return content;
}

function prizeOf({ segmentLabel: label, asset, amount }: PrizeInput | GuaranteedInput, weight: number): LootboxPrize {
  return { label, asset, amount: parseDecimal(amount || '0')!, weight: BigInt(weight) };
}

function priceOf(price: Price | undefined): Pick<LootboxDefinition, 'price' | 'priceAsset'> {
  const amount = parseDecimal(price?.amount || '0')!;
  if (price === undefined || amount === 0n) return { price: 0n, priceAsset: '' };
  return { price: amount, priceAsset: price.asset };
}
