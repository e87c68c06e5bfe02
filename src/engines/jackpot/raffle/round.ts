import { defineEntity, type InferEntity } from '@mikro-orm/core';
import { JackpotRoundOpened, JackpotRoundProlonged } from '../../../../gen/ts/windfall/facts/v1/jackpot_raffle.ts';
import type { JackpotDefinitionV2 } from '../../../../gen/ts/windfall/facts/v1/jackpot.ts';
import type { PotsInstance } from '../../../../gen/ts/windfall/facts/v1/pots.ts';
import type { PotsRaffle } from '../../../../gen/ts/windfall/facts/v1/pots_raffle.ts';
import { column, stateKey } from '../../../db/index.ts';
import { newStream, type MasterKeys } from '../../../fairness/index.ts';
import {
  defineFact,
  stateTable,
  type Fact,
  type RowOf,
  type RowRequests,
  type TaskOrder,
} from '../../../journal/index.ts';
import { openPool, poolNeeds } from '../../../tickets/index.ts';

/** A round of a raffle, in which contributions to a jackpot earn tickets. It has the number of its pool. */
export const RoundSchema = defineEntity({
  name: 'JackpotRound',
  tableName: 'jackpot_round',
  properties: {
    ...stateKey,
    jackpotId: column.integer(),
    /** From 1. */
    number: column.integer(),
    startAt: column.time(),
    /** When it ends; the epoch: with the jackpot. */
    endAt: column.time(),
    /** The operation that has closed it. */
    closedBy: column.text(),
  },
  indexes: [
    { name: 'jackpot_round_number', properties: ['operatorId', 'jackpotId', 'number'] },
    // Those that run now.
    { name: 'jackpot_round_open', properties: ['operatorId', 'id'], where: "closed_by = ''" },
  ] as never,
});
export const round = stateTable(RoundSchema, { number: 1106, rank: 2 });
export type RoundRow = RowOf<InferEntity<typeof RoundSchema>>;

/** Contributions earn tickets of a pool from now on. */
export const roundOpened = defineFact<JackpotRoundOpened>({
  name: 'jackpot.round-opened',
  number: 1120,
  version: 1,
  aggregate: round,
  codec: JackpotRoundOpened,
  evolve(data, rows, at) {
    const row = rows.edit(round, at.aggregate);
    row.jackpotId = Number(data.jackpot);
    row.number = data.number;
    row.startAt = at.time;
    row.endAt = Number(data.endsAt);
  },
});

/** A round was over, and nobody had a ticket: it goes on. */
export const roundProlonged = defineFact<JackpotRoundProlonged>({
  name: 'jackpot.round-prolonged',
  number: 1121,
  version: 1,
  aggregate: round,
  codec: JackpotRoundProlonged,
  evolve(data, rows, at) {
    rows.edit(round, at.aggregate).endAt = Number(data.endsAt);
  },
});

/** The task that ends the round of a jackpot, by the number of the jackpot's row. */
export const END_ROUND = 'jackpot.end-round';

export const endRoundOrder = (jackpot: number, endsAt: number): TaskOrder[] =>
  endsAt === 0 ? [] : [{ task: END_ROUND, id: jackpot, at: endsAt }];

type Schedule = Pick<PotsInstance, 'endsAt'> & { readonly raffle?: PotsRaffle | undefined };

/**
 * When the round ends that begins now, in microseconds since 1970; 0: with the instance. Rounds follow each other
 * without drifting, however late they are closed.
 * @param before when the last one was to end; the first one has now.
 */
export function roundEnd({ raffle, endsAt }: Schedule, before: number, now: number): number {
  const last = Number(endsAt) * 1000;
  const length = Number(raffle!.seconds) * 1_000_000;
  if (length === 0) return last;
  const next = before + length * (Math.floor(Math.max(0, now - before) / length) + 1);
  return last === 0 ? next : Math.min(next, last);
}

/** A round that is to begin. */
export interface NewRound {
  /** The number of its row, and of its pool. */
  readonly id: number;
  readonly streamName: string;
  readonly keyId: string;
}

export const newRound = (id: number, keys: MasterKeys): NewRound => ({
  id,
  streamName: newStream('raffle'),
  keyId: keys.currentId,
});

/** Requests the rows of a round that `openRound` opens. */
export function roundNeeds(id: number, rows: RowRequests): void {
  poolNeeds(id, rows);
  rows.lock(round, id);
}

/** The facts that begin a round, and commit the seed of its draw. */
export function openRound(
  { id, streamName, keyId }: NewRound,
  jackpot: Pick<JackpotDefinitionV2, 'jackpot'> & { readonly definitionId: number },
  { number, endsAt }: Pick<JackpotRoundOpened, 'number'> & { readonly endsAt: number },
): Fact[] {
  const data: JackpotRoundOpened = { number, jackpot: jackpot.jackpot, endsAt: BigInt(endsAt) };
  const tasks = endRoundOrder(Number(jackpot.jackpot), endsAt);
  return [
    openPool(id, jackpot.definitionId, { streamName, keyId }),
    { kind: roundOpened, id, data, transfers: [], tasks },
  ];
}
