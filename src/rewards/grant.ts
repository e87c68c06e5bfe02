import { defineEntity, type InferEntity } from '@mikro-orm/core';
import { GrantConfirmed, GrantExpired, type Granted } from '../../gen/ts/windfall/facts/v1/reward.ts';
import { column, stateKey } from '../db/index.ts';
import {
  defineFact,
  isDue,
  stateTable,
  type Command,
  type FactMetadata,
  type RowOf,
  type Rows,
} from '../journal/index.ts';
import { ApiError } from '../kernel/index.ts';
import { guard } from '../players/index.ts';

/** States of a grant; the numbers are stored. */
export const grantState = { due: 1, confirmed: 2, expired: 3 } as const;
export type GrantState = keyof typeof grantState;
const STATES = new Map<number, GrantState>(
  Object.entries(grantState).map(([name, number]) => [number, name as GrantState]),
);
export const grantStateName = (number: number): GrantState => STATES.get(number)!;

/** What is owed to a player and is not on an account: items, roles, free rounds, physical goods. */
export const GrantSchema = defineEntity({
  name: 'Grant',
  tableName: 'player_grant',
  properties: {
    ...stateKey,
    playerId: column.integer(),
    brandId: column.integer(),
    definitionId: column.integer(),
    /** The operation that created it. */
    operationId: column.text(),
    kind: column.integer(),
    item: column.text(),
    quantity: column.integer(),
    state: column.integer(),
    /** The operator's reference of the delivery. */
    reference: column.text(),
    createdAt: column.time(),
    /** The epoch: never. */
    expiresAt: column.time(),
    settledAt: column.time(),
  },
  // Game servers fetch what is due, of one brand or of all.
  indexes: [
    { name: 'player_grant_due', properties: ['operatorId', 'state', 'createdAt', 'id'] },
    { name: 'player_grant_due_of_brand', properties: ['operatorId', 'brandId', 'state', 'createdAt', 'id'] },
  ],
});
export const grant = stateTable(GrantSchema, { number: 601, rank: 2 });
export type GrantRow = RowOf<InferEntity<typeof GrantSchema>>;

/** The number of a grant: the player's, times this, plus the player's count of grants. */
const GRANTS_MAX = 2 ** 20;
export const grantId = (player: number, nth: number): number => player * GRANTS_MAX + nth;
export const playerOfGrant = (id: number): number => Math.floor(id / GRANTS_MAX);
/** The numbers of all grants that a player can have. */
export const grantsOf = (player: number): readonly [from: number, to: number] => [
  grantId(player, 0),
  grantId(player, GRANTS_MAX - 1),
];
/** Whether a player can get more grants. */
export const hasRoom = (grants: number, more: number): boolean => grants + more < GRANTS_MAX;

/** Creates the grants of a fact, and counts them in their players' guard rows, which must be locked. */
export function createGrants(granted: readonly Granted[], rows: Rows, at: FactMetadata): void {
  for (const one of granted) {
    const player = rows.edit(guard, Number(one.player));
    player.grants += 1;
    const row = rows.create(grant, Number(one.grant));
    row.playerId = player.id;
    row.brandId = Number(one.brand);
    row.definitionId = Number(one.definition);
    row.operationId = at.operationId;
    row.kind = one.kind;
    row.item = one.item;
    row.quantity = Number(one.quantity);
    // A replay by time may have confirmed it already, if the clock was set back in between.
    if (row.settledAt === 0) row.state = grantState.due;
    row.createdAt = at.time;
    row.expiresAt = Number(one.expiresAt);
  }
}

export const grantConfirmed = defineFact<GrantConfirmed>({
  name: 'grant.confirmed',
  number: 601,
  version: 1,
  aggregate: grant,
  codec: GrantConfirmed,
  players: (_, id) => [playerOfGrant(id)],
  evolve({ reference }, rows, at) {
    const row = rows.edit(grant, at.aggregate);
    row.state = grantState.confirmed;
    row.reference = reference;
    row.settledAt = at.time;
  },
});

export const grantExpired = defineFact<GrantExpired>({
  name: 'grant.expired',
  number: 602,
  version: 1,
  aggregate: grant,
  codec: GrantExpired,
  players: (_, id) => [playerOfGrant(id)],
  evolve(_, rows, at) {
    const row = rows.edit(grant, at.aggregate);
    row.state = grantState.expired;
    row.settledAt = at.time;
  },
});

/** A confirmation, as the journal has it. */
export interface Confirmed {
  readonly id: number;
  readonly reference: string;
  /** Microseconds since 1970. */
  readonly time: number;
  readonly replayed: boolean;
}

/** Records that a grant was handed out. Throws GRANT_NOT_DUE if it has expired. */
export const confirmGrant: Command<{ readonly id: number; readonly reference: string }, Confirmed> = {
  name: 'grant.confirm',
  needs: ({ id }, rows) => rows.lock(grant, id),
  decide({ id, reference }, snapshot) {
    const { state, expiresAt } = snapshot.row(grant, id);
    const over = expiresAt !== 0 && expiresAt <= snapshot.now;
    if (state !== grantState.due || over) {
      const name = state === grantState.due ? 'expired' : grantStateName(state);
      throw new ApiError('GRANT_NOT_DUE', `the grant is ${name}`, { details: { grant_id: String(id), state: name } });
    }
    return [{ kind: grantConfirmed, id, data: { reference }, transfers: [] }];
  },
  answer: ({ time, facts }, replayed) => ({
    time,
    replayed,
    id: facts[0]!.id,
    reference: (facts[0]!.data as GrantConfirmed).reference,
  }),
};

/** Expires a grant that nobody has confirmed in time. */
export const expireGrant: Command<{ readonly id: number; readonly at: number }, void> = {
  name: 'grant.expire',
  needs: ({ id }, rows) => rows.lock(grant, id),
  decide({ id, at }, snapshot) {
    const { state, expiresAt } = snapshot.row(grant, id);
    if (state !== grantState.due || !isDue(expiresAt, at, snapshot.now)) return [];
    return [{ kind: grantExpired, id, data: {}, transfers: [] }];
  },
  answer: () => undefined,
};
