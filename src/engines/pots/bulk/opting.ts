import type { PotsOptInsSet } from '../../../../gen/ts/windfall/facts/v1/pots_opt_in.ts';
import { lookAt } from '../../../catalogue/index.ts';
import type { Command } from '../../../journal/index.ts';
import { community, optIn, optInCode, type Jackpot } from '../../jackpot/index.ts';
import { takesBrand, termsOf } from '../contribution/terms.ts';
import { potsListing } from '../entities.ts';
import { optInRejected, requireTakesOptIns } from '../opt-in-rules.ts';
import { optInsSet } from '../opted-in.ts';

/** Players of one brand who opt in to an instance, or out of it; each is named once. */
export interface OptInChanges {
  readonly instance: Jackpot;
  readonly brand: number;
  readonly optedIn: boolean;
  /** Each with the number of a new row. */
  readonly players: readonly { readonly player: number; readonly newRow: number }[];
}

/** Opts players in or out: one fact of all those whom it changes. Throws OPT_IN_REJECTED. */
export const settingOptIns: Command<OptInChanges, void> = {
  name: 'pots.opt-ins',
  needs({ instance, players }, rows) {
    lookAt(instance, rows);
    rows.lock(potsListing, instance.definitionId);
    if (instance.community !== undefined) rows.lock(community, instance.id);
    for (const { player } of players) rows.lockCode(optIn, optInCode(instance.id, player));
  },
  decide({ instance, brand, optedIn, players }, snapshot) {
    requireTakesOptIns(instance, snapshot);
    if (optedIn && !takesBrand(termsOf(instance), brand)) throw optInRejected(instance, 'BrandNotAllowed');
    const changed = players.flatMap(({ player, newRow }) => {
      const stored = snapshot.find(optIn, optInCode(instance.id, player));
      if (stored === undefined) return { player, row: newRow, made: true };
      return snapshot.row(optIn, stored).optedIn === Number(optedIn) ? [] : { player, row: stored, made: false };
    });
    if (changed.length === 0) return [];
    const data: PotsOptInsSet = {
      optedIn,
      jackpot: BigInt(instance.id),
      brand: BigInt(brand),
      optIns: changed.map(({ row }) => BigInt(row)),
      players: changed.map(({ player }) => BigInt(player)),
      made: changed.map(({ made }) => made),
      community: instance.community !== undefined,
    };
    return [{ kind: optInsSet, id: instance.definitionId, data, transfers: [] }];
  },
  answer: () => undefined,
};
