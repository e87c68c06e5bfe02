import { defineEntity, type InferEntity } from '@mikro-orm/core';
import { PotsOptInsCarried, PotsOptInsTransferBegun } from '../../../../gen/ts/windfall/facts/v1/pots_opt_in.ts';
import { column, stateKey } from '../../../db/index.ts';
import { defineFact, stateTable, type Fact, type RowOf, type Snapshot } from '../../../journal/index.ts';
import { noteChoice, optIn, optInCode, type TransferRequest } from '../../jackpot/index.ts';

/** The task that carries the opt-ins of one instance to another. */
export const CARRY_OPT_INS = 'pots.carry-opt-ins';

/** The opt-ins of an instance are carried to another one: a page per command. */
export const OptInTransferSchema = defineEntity({
  name: 'PotsOptInTransfer',
  tableName: 'pots_opt_in_transfer',
  properties: {
    ...stateKey,
    /** The heads of both definitions. */
    fromId: column.integer(),
    toId: column.integer(),
    /** For the changelogs of both. */
    reason: column.text(),
    /** The row of the opt-in that was looked at last. */
    position: column.integer(),
    /** How many were carried. */
    carried: column.integer(),
    /** The epoch: there are more. */
    finishedAt: column.time(),
  },
});
export const optInTransfer = stateTable(OptInTransferSchema, { number: 1670, rank: 2 });
export type OptInTransferRow = RowOf<InferEntity<typeof OptInTransferSchema>>;

/** The opt-ins of an instance are to be carried to another one. */
export const optInTransferBegun = defineFact<PotsOptInsTransferBegun>({
  name: 'pots.opt-in-transfer-begun',
  number: 1670,
  version: 1,
  aggregate: optInTransfer,
  codec: PotsOptInsTransferBegun,
  evolve({ from, to, reason }, rows, at) {
    const row = rows.edit(optInTransfer, at.aggregate);
    row.fromId = Number(from);
    row.toId = Number(to);
    row.reason = reason;
  },
});

/** A page of opt-ins was carried. A choice is as old at the target as it was made. */
export const optInsCarried = defineFact<PotsOptInsCarried>({
  name: 'pots.opt-ins-carried',
  number: 1671,
  version: 1,
  aggregate: optInTransfer,
  codec: PotsOptInsCarried,
  players: ({ optIns }) => optIns.map(({ player }) => Number(player)),
  evolve({ jackpot, position, finished, optIns, community }, rows, at) {
    const transfer = rows.edit(optInTransfer, at.aggregate);
    transfer.position = Number(position);
    transfer.carried += optIns.length;
    if (finished) transfer.finishedAt = at.time;
    for (const one of optIns) {
      const row = one.made ? rows.create(optIn, Number(one.row)) : rows.edit(optIn, Number(one.row));
      row.code = optInCode(Number(jackpot), Number(one.player));
      row.jackpotId = Number(jackpot);
      row.playerId = Number(one.player);
      row.brandId = Number(one.brand);
      row.optedIn = 1;
      row.preferred = one.preferred;
      row.changedAt = Number(one.chosenAt);
    }
    if (community) noteChoice(Number(jackpot), new Set(optIns.map(({ player }) => Number(player))), false, rows);
  },
});

/** The fact that begins to carry the opt-ins between the instances of a transfer. @param id of its new row. */
export function optInTransfers(
  id: number,
  { from, to, reason }: TransferRequest,
  { now }: Snapshot,
): Fact<PotsOptInsTransferBegun> {
  const data = { from: BigInt(from.definitionId), to: BigInt(to.definitionId), reason };
  const tasks = [{ task: CARRY_OPT_INS, id, at: now }];
  return { kind: optInTransferBegun, id, data, tasks, transfers: [], creates: true };
}
