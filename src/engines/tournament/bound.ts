import type { TournamentDefinition } from '../../../gen/ts/windfall/facts/v1/tournament.ts';
import type { VersionName } from '../../catalogue/index.ts';
import type { AssetNo } from '../../journal/index.ts';
import type { Micros } from '../../kernel/index.ts';
import type { SeasonRow } from './entities.ts';
import { dividePool, type Prizes } from './rules.ts';

/** A version prepared for operations. */
export interface Tournament extends VersionName {
  readonly content: TournamentDefinition;
  /** The number of the tournament's row. */
  readonly id: number;
  readonly asset: AssetNo;
  /** The season that scores go to, once it was read: see `currentSeason`. It may be stale, as the version may be. */
  current?: CurrentSeason | null | Promise<CurrentSeason | null>;
}

/** A season with its rules: those of the version that it opened with. */
export interface Season {
  readonly row: SeasonRow;
  readonly rules: TournamentDefinition;
}

/** A season that players may enter. */
export interface CurrentSeason extends Season {
  /**
   * A new block of numbers for entries, if the season still has the block that `row` has when it needs one. So no block
   * is ever used twice, though processes get theirs independently.
   */
  readonly spare: number;
}

/** How many numbers a block of entries' numbers has. */
const BLOCK = 65_536;

/** The number of a season's next entry; null: it needs a new block. */
export function entryNumber({ entries, block }: Pick<SeasonRow, 'entries' | 'block'>): number | null {
  const nth = entries % BLOCK;
  return nth === 0 ? null : block * BLOCK + nth;
}

/** The first number of a block. */
export const firstOfBlock = (block: number): number => block * BLOCK;

/** The part of a buy-in that is added to the pool. */
export const toPool = ({ buyIn, buyInShare }: TournamentDefinition): Micros => (buyIn * buyInShare) / 1_000_000n;

/** The prizes of a season. */
export const prizesOf = ({ prizes }: TournamentDefinition, { pool }: Pick<SeasonRow, 'pool'>): Prizes =>
  dividePool(prizes, pool);

/** How many places of a season get a prize. Others that are tied with the last one share with it. */
export const placesPaid = (prizes: Prizes, { ranked }: Pick<SeasonRow, 'ranked'>): number =>
  Math.min(prizes.places, ranked);
