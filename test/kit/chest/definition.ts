import { defineDefinition, type VersionName } from '../../../src/catalogue/index.ts';
import { bindTable, type BoundTable } from '../../../src/fairness/index.ts';
import { formatDecimal, parseDecimal } from '../../../src/kernel/index.ts';
import type { Chest as Message, CreateChestRequest, Prize, UpdateChestRequest } from '../gen/chest/v1/chest.ts';
import { ChestDefinition, type ChestPrize } from '../gen/chest/v1/facts.ts';
import { period } from './period.ts';

/** A version prepared for opening. */
export interface Chest extends VersionName {
  readonly content: ChestDefinition;
  /** The number of the row of its period. */
  readonly period: number;
  readonly asset: number;
  readonly table: BoundTable;
}

const prizeOf = (prize: Prize): ChestPrize => ({ ...prize, amount: parseDecimal(prize.amount)! });

/** The prizes, in the form that draws use. */
export const tableOf = ({ asset, price, prizes }: ChestDefinition): BoundTable =>
  bindTable({
    guaranteed: [],
    rolls: 1,
    prizes: prizes.map((prize) => ({ ...prize, asset })),
    cost: { asset: price === 0n ? '' : asset, amount: price, freeAsset: '' },
  });

/** Chests' definitions: an update sets the fields that are present, and replaces the table as a whole. */
export const chests = defineDefinition<
  ChestDefinition,
  Chest,
  CreateChestRequest,
  UpdateChestRequest,
  Partial<Message>
>({
  engine: 'chest',
  nouns: { one: 'Chest', many: 'Chests' },
  // A real engine adds its own two reasons to errors.proto.
  reasons: { notFound: 'LOOTBOX_NOT_FOUND', notActive: 'LOOTBOX_NOT_ACTIVE' },
  format: 1,
  encode: (content) => ChestDefinition.encode(content).finish(),
  read: (_, bytes) => ChestDefinition.decode(bytes),
  create: async ({ id, name, asset, price, bonus, refreshSeconds, prizes }, newId) => ({
    asset,
    refreshSeconds,
    period: BigInt(await newId()),
    name: name || id,
    price: parseDecimal(price)!,
    bonus: parseDecimal(bonus)!,
    prizes: prizes.map(prizeOf),
  }),
  update: (before, { name, price, bonus, refreshSeconds, prizes }) => ({
    ...before,
    name: name || before.name,
    price: parseDecimal(price) ?? before.price,
    bonus: parseDecimal(bonus) ?? before.bonus,
    refreshSeconds: refreshSeconds || before.refreshSeconds,
    prizes: prizes.length === 0 ? before.prizes : prizes.map(prizeOf),
  }),
  configHash: (content) => Buffer.from(tableOf(content).configHash, 'hex'),
  bind: ({ content, ...name }, tenant) => ({
    ...name,
    content,
    period: Number(content.period),
    asset: tenant.assetNo(content.asset),
    table: tableOf(content),
  }),
  show({ content, configHash }, { rows }) {
    const { opens, refreshAt } = rows.row(period, Number(content.period));
    return {
      ...content,
      configHash,
      opens,
      price: formatDecimal(content.price),
      bonus: formatDecimal(content.bonus),
      prizes: content.prizes.map((prize) => ({ ...prize, amount: formatDecimal(prize.amount) })),
      refreshTime: opens === 0 ? undefined : new Date(refreshAt / 1000),
    };
  },
  shows: (content) => [[period, Number(content.period)]],
  locks: (content) => [[period, Number(content.period)]],
});
