import type { CarriedOptIn } from '../../../../gen/ts/windfall/facts/v1/pots_opt_in.ts';
import { definition, noted, noteNeeds, statusName } from '../../../catalogue/index.ts';
import { StaleVersionError, type Command, type Snapshot } from '../../../journal/index.ts';
import { community, optIn, optInCode, type Jackpot } from '../../jackpot/index.ts';
import { takesBrand, termsOf } from '../contribution/terms.ts';
import { CARRY_OPT_INS, optInsCarried, optInTransfer } from './transfer.ts';

/** A page of opt-ins to be carried. */
export interface CarryPage {
  /** The number of the transfer. */
  readonly id: number;
  /** The position that the page was read after, and the one of its last opt-in. */
  readonly after: number;
  readonly position: number;
  readonly from: Jackpot;
  readonly to: Jackpot;
  /** Those who had opted in when the page was read, each with the number of a new row. */
  readonly players: readonly { readonly player: number; readonly newRow: number }[];
  /** Whether there are no opt-ins after these. */
  readonly last: boolean;
  /** Whether to order the task for the next page. */
  readonly again: boolean;
}

/**
 * Carries a page of opt-ins; answers whether it did. Decides nothing if the transfer is not where the page was made
 * for: another process has carried it. Where the target is terminated, the transfer ends.
 */
export const carryPage: Command<CarryPage, boolean> = {
  name: 'pots.carry-opt-ins',
  needs({ id, from, to, players }, rows) {
    rows.lock(optInTransfer, id);
    noteNeeds(from, rows);
    noteNeeds(to, rows);
    if (to.community !== undefined) rows.lock(community, to.id);
    for (const { player } of players)
      for (const jackpot of [from, to]) rows.lockCode(optIn, optInCode(jackpot.id, player));
  },
  decide({ id, after, position, from, to, players, last, again }, snapshot) {
    const transfer = snapshot.row(optInTransfer, id);
    if (transfer.finishedAt !== 0 || transfer.position !== after) return [];
    const head = snapshot.row(definition, to.definitionId);
    const isOver = statusName(head.status) === 'archived';
    if (!isOver && head.version !== to.version) throw new StaleVersionError();
    const optIns = isOver ? [] : players.flatMap((one) => carriedOf(one, from, to, snapshot));
    const finished = last || isOver;
    const at = { jackpot: BigInt(to.id), position: BigInt(position), community: to.community !== undefined };
    const data = { ...at, optIns, finished };
    const tasks = again && !finished ? [{ task: CARRY_OPT_INS, id, at: snapshot.now }] : [];
    const fact = { kind: optInsCarried, id, data, tasks, transfers: [] };
    if (!finished) return [fact];
    const { reason, carried } = transfer;
    const told = { before: '', after: String(carried + optIns.length) };
    return [
      fact,
      noted(from, 'opt_ins_transferred', reason, snapshot, { ...told, subject: `to ${to.code}` }),
      noted(to, 'opt_ins_transferred', reason, snapshot, { ...told, subject: `from ${from.code}` }),
    ];
  },
  answer: ({ facts }) => facts.length > 0,
};

/** A player's opt-in, if the target takes it, and has no later choice of the player. */
function carriedOf(
  { player, newRow }: CarryPage['players'][number],
  from: Jackpot,
  to: Jackpot,
  snapshot: Snapshot,
): CarriedOptIn[] {
  const { optedIn, brandId, preferred, changedAt } = snapshot.row(
    optIn,
    snapshot.find(optIn, optInCode(from.id, player))!,
  );
  if (optedIn !== 1 || !takesBrand(termsOf(to), brandId)) return [];
  const stored = snapshot.find(optIn, optInCode(to.id, player));
  if (stored !== undefined && snapshot.row(optIn, stored).changedAt >= changedAt) return [];
  return [
    {
      preferred,
      row: BigInt(stored ?? newRow),
      made: stored === undefined,
      player: BigInt(player),
      brand: BigInt(brandId),
      chosenAt: BigInt(changedAt),
    },
  ];
}
