import type {
  ExpectedValue,
  GuaranteedReward,
  Outcome,
  PlayLimit,
  PlayWindow,
  Price,
  Prize,
} from '../../gen/ts/windfall/common/v1/prize_tables.ts';
import type { PlayReward, PlayTable, TablePlayed, TablePrize } from '../../gen/ts/windfall/facts/v1/prizes.ts';
import type { ShownRows } from '../catalogue/index.ts';
import { bindTable } from '../fairness/index.ts';
import { formatDecimal, toNumber } from '../kernel/index.ts';
import { rewardKind, rewardKindName, rewardMessage } from '../rewards/index.ts';
import { expectedValue, oddsOf } from './odds.ts';
import { pricedTable, prizeTable } from './prize-table.ts';
import { prizeStock, remainingOf, wonOf } from './stock.ts';

/** A table's prizes with their exact odds, and what is left of their stock. */
export function prizeMessages(content: PlayTable, rows: ShownRows): Prize[] {
  const odds = oddsOf(prizeTable(content));
  const remaining = remainingOf(content, wonOf(rows.row(prizeStock, Number(content.stockRow))));
  return content.prizes.map((prize, i) => ({
    ...guaranteedMessage(prize),
    weight: Number(prize.weight),
    odds: odds[i]!.fraction,
    probability: odds[i]!.probability,
    stock: prize.stock,
    remaining: remaining[i] === undefined ? undefined : BigInt(remaining[i]),
    fallback: prize.fallback || undefined,
  }));
}

export const guaranteedMessage = ({ label, reward }: TablePrize): GuaranteedReward =>
  reward === undefined ? { segmentLabel: label, kind: 'nothing' } : { segmentLabel: label, ...rewardMessage(reward) };

/** What each play of an operation gave, in order. */
export function outcomeMessages(
  { plays, granted }: Pick<TablePlayed, 'plays' | 'granted'>,
  assetCode: (asset: number) => string,
): Outcome[][] {
  let grants = 0;
  const messageOf = (reward: PlayReward): Outcome => {
    const { label, kind, asset, amount, item, quantity, soldOut } = reward;
    const told = { segmentLabel: label, soldOut: soldOut || undefined };
    if (kind === 0) return { ...told, kind: 'nothing' };
    if (kind === rewardKind.asset)
      return { ...told, kind: 'asset', asset: assetCode(Number(asset)), amount: toNumber(amount) };
    const grantId = String(granted[grants++]!.grant);
    return { ...told, kind: rewardKindName(kind), item, quantity: Number(quantity), grantId };
  };
  return plays.map(({ rewards }) => rewards.map(messageOf));
}

/** What the plays of an operation cost; undefined: nothing. */
export const pricePaid = (
  { price, priceAsset }: Pick<TablePlayed, 'price' | 'priceAsset'>,
  assetCode: (asset: number) => string,
): Price | undefined =>
  price === 0n ? undefined : { asset: assetCode(Number(priceAsset)), amount: formatDecimal(price) };

export const priceMessage = ({ priceAsset, price }: PlayTable): Price | undefined =>
  priceAsset === '' ? undefined : { asset: priceAsset, amount: formatDecimal(price) };

export const limitMessage = ({ count, period, seconds }: PlayTable['limits'][number]): PlayLimit => ({
  period,
  count: Number(count),
  seconds: Number(seconds),
});

const date = (micros: bigint): Date | undefined => (micros === 0n ? undefined : new Date(Number(micros) / 1000));

export const windowMessage = ({ startAt, endAt }: PlayTable): PlayWindow | undefined =>
  startAt === 0n && endAt === 0n ? undefined : { startTime: date(startAt), endTime: date(endAt) };

/** The fields that the messages of all definitions with a prize table have. */
export const tableMessage = (content: PlayTable, rows: ShownRows) => ({
  name: content.name,
  price: priceMessage(content),
  freeAsset: content.freeAsset || undefined,
  prizes: prizeMessages(content, rows),
  limits: content.limits.map(limitMessage),
  window: windowMessage(content),
});

/** What a table's draws depend on, and the average value of one play. */
export function oddsMessage(content: PlayTable): { config: string; expected: ExpectedValue[] } {
  const table = prizeTable(content);
  const expected = [...expectedValue(table)].map(([asset, amount]) => ({ asset, amount: formatDecimal(amount) }));
  return { config: bindTable(pricedTable(content)).config, expected };
}
