import type { Play, PlayTable, TablePlayed } from '../../gen/ts/windfall/facts/v1/prizes.ts';
import { personalDrawn, recordOf, serverSeedHash, tableText, type Drawn, type TableGrant } from '../fairness/index.ts';
import type { FactPlace } from '../journal/index.ts';
import type { Micros } from '../kernel/index.ts';
import { itemOf, rewardKind } from '../rewards/index.ts';
import type { BoundPlayTable } from './bound.ts';

/** The draw of a fact, for its record. @param assetCode the code of an asset by its number. */
export function drawnPlays(
  data: TablePlayed,
  definition: Drawn['definition'],
  content: PlayTable,
  assetCode: (asset: number) => string,
  time: number,
): Drawn {
  const { plays, price, freePlays, draw } = data;
  const labels = stockLabels(content);
  return {
    recipe: 'table',
    definition,
    ...personalDrawn(draw!),
    outcome: tableText({
      price,
      freePlays: Number(freePlays),
      stockWon: data.stockWon.map((won, i) => ({ label: labels[i]!, won: Number(won) })),
      opens: plays.map(({ rolls, words, rewards }) => ({
        rolls,
        words,
        soldOut: rolls.flatMap((_, roll) => (rewards[roll]!.soldOut === '' ? [] : [roll])),
      })),
      payouts: payoutsOf(plays, assetCode),
      grants: grantsOf(data, time),
    }),
  };
}

/** The record of plays that are decided, once their place is known. */
export function recording(
  data: TablePlayed,
  { assets, code: id, content, version }: BoundPlayTable,
  engine: string,
  secret: string,
): (place: FactPlace) => string {
  return (place) => {
    const codes = new Map([...assets].map(([code, number]) => [number, code]));
    const drawn = drawnPlays(data, { engine, id, version }, content, (asset) => codes.get(asset)!, place.time);
    return recordOf(place, drawn, serverSeedHash(secret));
  };
}

/** The labels of the prizes with stock, each once, in the order of the table. */
export const stockLabels = ({ prizes }: PlayTable): string[] => [
  ...new Set(prizes.flatMap(({ label, stock }) => (stock === undefined ? [] : [label]))),
];

function payoutsOf(
  plays: readonly Pick<Play, 'rewards'>[],
  assetCode: (asset: number) => string,
): { asset: string; amount: Micros }[] {
  const sums = new Map<bigint, Micros>();
  for (const { rewards } of plays) {
    for (const { kind, asset, amount } of rewards)
      if (kind === rewardKind.asset && amount > 0n) sums.set(asset, (sums.get(asset) ?? 0n) + amount);
  }
  const paid = [...sums].map(([asset, amount]) => ({ amount, asset: assetCode(Number(asset)) }));
  return paid.sort((a, b) => (a.asset < b.asset ? -1 : 1));
}

const grantsOf = ({ granted }: TablePlayed, time: number): TableGrant[] =>
  granted.map(({ grant, expiresAt, ...reward }) => {
    const expiresAfterSeconds = expiresAt === 0n ? 0n : (expiresAt - BigInt(time)) / 1_000_000n;
    return { id: grant, ...itemOf({ ...reward, expiresAfterSeconds }) };
  });
