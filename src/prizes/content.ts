import type {
  GuaranteedInput,
  PlayLimit,
  PlayWindow,
  Price,
  PrizeInput,
} from '../../gen/ts/windfall/common/v1/prize_tables.ts';
import type { PlayTable, TablePrize } from '../../gen/ts/windfall/facts/v1/prizes.ts';
import { ApiError, parseDecimal } from '../kernel/index.ts';
import { rewardOf } from '../rewards/index.ts';
import { contentIssues } from './validation.ts';

/** The fields of a request that creates a prize table. */
export interface NewTable {
  readonly id: string;
  readonly name: string;
  readonly price?: Price | undefined;
  readonly freeAsset: string;
  readonly rolls: number;
  readonly prizes: readonly PrizeInput[];
  readonly guaranteed: readonly GuaranteedInput[];
  readonly limits: readonly PlayLimit[];
  readonly window?: PlayWindow | undefined;
}

/** The fields of a request that changes one: what is unset stays, and a table is replaced as a whole. */
export interface TableUpdate {
  readonly name?: string | undefined;
  readonly price?: Price | undefined;
  readonly freeAsset?: string | undefined;
  readonly rolls: number;
  readonly prizes: readonly PrizeInput[];
  readonly guaranteed?: { readonly rewards: readonly GuaranteedInput[] } | undefined;
  readonly limits?: { readonly limits: readonly PlayLimit[] } | undefined;
  readonly window?: PlayWindow | undefined;
}

type NewId = () => Promise<number>;

/** The content of a new table. Throws INVALID_ARGUMENT for what the field rules cannot express. */
export function createTable(request: NewTable, newId: NewId): Promise<PlayTable> {
  const { id, name, price, freeAsset, rolls, prizes, guaranteed, limits, window } = request;
  return completed(
    {
      ...priceOf(price),
      ...windowOf(window),
      freeAsset,
      name: name || id,
      rolls: rolls || 1,
      prizes: prizes.map(prizeOf),
      guaranteed: guaranteed.map(guaranteedOf),
      limits: limits.map(limitOf),
      stockRow: 0n,
    },
    newId,
  );
}

/** The content of a table's next version. Throws INVALID_ARGUMENT for what the field rules cannot express. */
export function updateTable(before: PlayTable, request: TableUpdate, newId: NewId): Promise<PlayTable> {
  const { name, price, freeAsset, rolls, prizes, guaranteed, limits, window } = request;
  return completed(
    {
      ...before,
      ...(price === undefined ? {} : priceOf(price)),
      ...(window === undefined ? {} : windowOf(window)),
      freeAsset: freeAsset ?? before.freeAsset,
      name: name ?? before.name,
      rolls: rolls || before.rolls,
      prizes: prizes.length === 0 ? before.prizes : prizes.map(prizeOf),
      guaranteed: guaranteed === undefined ? before.guaranteed : guaranteed.rewards.map(guaranteedOf),
      limits: limits === undefined ? before.limits : limits.limits.map(limitOf),
    },
    newId,
  );
}

/** What costs nothing has a limit: without one, whoever asks often enough would be given everything. */
const FREE_LIMIT: PlayLimit = { count: 1000, period: 'utc_day', seconds: 0 };

/** The first version that has stock gets a row for it, which stays for all later ones. */
async function completed(given: PlayTable, newId: NewId): Promise<PlayTable> {
  const isUnlimited = given.priceAsset === '' && given.limits.length === 0;
  const content = isUnlimited ? { ...given, limits: [limitOf(FREE_LIMIT)] } : given;
  const fields = contentIssues(content);
  if (fields.length > 0)
    throw new ApiError('INVALID_ARGUMENT', `${fields[0]!.field} ${fields[0]!.description}`, { fields });
  if (content.stockRow !== 0n || content.prizes.every(({ stock }) => stock === undefined)) return content;
  return { ...content, stockRow: BigInt(await newId()) };
}

const givesNothing = ({ kind, asset, item }: Pick<PrizeInput, 'kind' | 'asset' | 'item'>): boolean =>
  kind === 'nothing' || (kind === '' && asset === '' && item === '');

const prizeOf = (prize: PrizeInput): TablePrize => ({
  label: prize.segmentLabel,
  reward: givesNothing(prize) ? undefined : rewardOf(prize),
  weight: BigInt(prize.weight),
  stock: prize.stock,
  fallback: prize.fallback,
});

const guaranteedOf = (reward: GuaranteedInput): TablePrize => ({
  label: reward.segmentLabel,
  reward: rewardOf(reward),
  weight: 0n,
  stock: undefined,
  fallback: '',
});

const limitOf = ({ count, period, seconds }: PlayLimit): PlayTable['limits'][number] => ({
  period,
  count: BigInt(count),
  seconds: BigInt(seconds),
});

function priceOf(price: Price | undefined): Pick<PlayTable, 'price' | 'priceAsset'> {
  const amount = parseDecimal(price?.amount || '0')!;
  if (price === undefined || amount === 0n) return { price: 0n, priceAsset: '' };
  return { price: amount, priceAsset: price.asset };
}

const micros = (time: Date | undefined): bigint => (time === undefined ? 0n : BigInt(time.getTime()) * 1000n);

const windowOf = (window: PlayWindow | undefined): Pick<PlayTable, 'startAt' | 'endAt'> => ({
  startAt: micros(window?.startTime),
  endAt: micros(window?.endTime),
});
