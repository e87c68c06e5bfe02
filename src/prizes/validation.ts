import type { PlayTable } from '../../gen/ts/windfall/facts/v1/prizes.ts';
import { PRIZES_MAX, ROLLS_MAX, UNIFORM_MAX, type PrizeTable, type Reward } from '../fairness/index.ts';
import { MICROS_MAX, type FieldIssue } from '../kernel/index.ts';
import { prizeTable } from './prize-table.ts';

/** What is wrong with the content of a definition, each issue with its path; empty: nothing. */
export function contentIssues(content: PlayTable): FieldIssue[] {
  const { prizes, freeAsset, priceAsset, startAt, endAt } = content;
  const withoutStock = new Set(prizes.filter(({ stock }) => stock === undefined).map(({ label }) => label));
  return [
    ...tableIssues(prizeTable(content)),
    ...prizes.flatMap(({ fallback }, index) =>
      issue(
        `prizes[${index}].fallback`,
        fallback === '' || withoutStock.has(fallback),
        'must be the label of another prize, without stock',
      ),
    ),
    ...issue('free_asset', freeAsset === '' || priceAsset !== '', 'must be empty where there is no price'),
    ...issue('free_asset', freeAsset === '' || freeAsset !== priceAsset, 'must not be the asset of the price'),
    ...issue('window.end_time', endAt === 0n || endAt > startAt, 'must be after start_time'),
  ];
}

/**
 * What is wrong with a table, each issue with its path; empty: nothing. A valid table has
 * 1 to 20 rolls, at most 200 prizes and 200 guaranteed rewards, at least one of either, and weights that sum to at
 * most 2^53.
 */
export function tableIssues(table: PrizeTable): FieldIssue[] {
  const { guaranteed, prizes, rolls } = table;
  return [
    ...issue('rolls', isInteger(rolls, 1, ROLLS_MAX), `must be an integer from 1 to ${ROLLS_MAX}`),
    ...issue('prizes', prizes.length + guaranteed.length > 0, 'must give a prize, or guarantee one'),
    ...issue('prizes', prizes.length <= PRIZES_MAX, `must be at most ${PRIZES_MAX}`),
    ...issue('guaranteed', guaranteed.length <= PRIZES_MAX, `must be at most ${PRIZES_MAX}`),
    ...guaranteed.flatMap((reward, index) => rewardIssues(reward, `guaranteed[${index}]`)),
    ...prizes.flatMap((prize, index) => rewardIssues(prize, `prizes[${index}]`)),
    ...weightIssues(
      prizes.map(({ weight }) => weight),
      'prizes',
    ),
  ];
}

function rewardIssues({ label, asset, amount }: Reward, field: string): FieldIssue[] {
  return [
    // A lone surrogate has no UTF-8 encoding, so the table could not be hashed.
    ...issue(`${field}.label`, label.isWellFormed(), 'must be well-formed Unicode'),
    ...issue(`${field}.asset`, (asset !== '' || amount === 0n) && asset.isWellFormed(), 'must name an asset'),
    ...issue(`${field}.amount`, amount >= 0n && amount <= MICROS_MAX, 'must be from 0 to 2^63 - 1 micros'),
  ];
}

function weightIssues(weights: readonly number[], field: string): FieldIssue[] {
  const single = weights.flatMap((weight, index) =>
    issue(`${field}[${index}].weight`, isInteger(weight, 1, UNIFORM_MAX), 'must be a positive integer'),
  );
  if (single.length > 0) return single;
  const sum = weights.reduce((total, weight) => total + BigInt(weight), 0n);
  return issue(field, sum <= BigInt(UNIFORM_MAX), 'must have weights that sum to at most 2^53');
}

function isInteger(value: number, least: number, most: number): boolean {
  return Number.isInteger(value) && value >= least && value <= most;
}

function issue(field: string, holds: boolean, description: string): FieldIssue[] {
  return holds ? [] : [{ field, description, reason: 'INVALID' }];
}
