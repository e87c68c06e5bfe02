import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { JsonObject } from '@bufbuild/protobuf';
import type { Call, Outcome } from '../support/api.ts';
import { JACKPOT_END_WRITES } from './jackpot/writes.ts';
import { JOURNEY_WRITES } from './journey/writes.ts';
import { MINI_GAME_WRITES } from './minigame/writes.ts';
import { PLAYER_WRITES } from './player-writes.ts';
import { POTS_WRITES } from './pots/writes.ts';
import { RAFFLE_WRITES } from './raffle/writes.ts';
import type { Service } from '../support/service.ts';

export type Face = 'grpc' | 'rest';

/** The service over REST or gRPC, for one caller after another. */
export class Caller {
  readonly id = `r-${randomUUID()}`;
  readonly #service: Service;
  readonly #call: Call;

  constructor(service: Service, face: Face) {
    this.#service = service;
    this.#call = service[face];
  }

  async call(rpc: string, as: string, request: JsonObject): Promise<Outcome> {
    return this.#call(rpc, request, await this.#service.credentials(as, this.id));
  }

  /** The body of an answer that is none of an earlier call. */
  async done(rpc: string, as: string, request: JsonObject): Promise<JsonObject> {
    const { status, reason, body, replayed } = await this.call(rpc, as, request);
    assert.ok(status === 'OK' || (status as number) < 300, `${rpc}: ${status} ${reason}`);
    assert.equal(replayed, false, `${rpc} tells a first call as repeated`);
    return body as JsonObject;
  }
}

export interface Write {
  /** As FindOperation knows it. */
  readonly operation: string;
  readonly as: string;
  /** Creates what the call needs; returns the request without its key. */
  prepare(caller: Caller): Promise<JsonObject>;
  /** Changes the subject of the first answer, before the call is repeated. */
  change(caller: Caller): Promise<unknown>;
}

const PRIZES = [{ segment_label: 'a', asset: 'WINZ', amount: '1', weight: 1 }];
const box = (caller: Caller) => caller.done('LootboxService.CreateLootbox', 'admin', { id: caller.id, prizes: PRIZES });
const boxChange = (caller: Caller) =>
  caller.done('LootboxService.UpdateLootbox', 'admin', {
    id: caller.id,
    name: 'Changed since',
    rolls: 2,
    status: 'active',
  });
const pool = (caller: Caller) =>
  caller.done('JackpotService.CreateJackpot', 'admin', { id: caller.id, asset: 'USD', seed_usd: '10' });
const poolChange = async (caller: Caller): Promise<void> => {
  const { id } = caller;
  await caller.done('JackpotService.UpdateJackpot', 'admin', {
    id,
    name: 'Changed since',
    win_selector: 'lowest',
    status: 'active',
  });
  await caller.done('JackpotService.ContributeToJackpot', 'service', { id, user_id: id, amount: 2 });
};
const race = async (caller: Caller): Promise<void> => {
  const { id } = caller;
  await caller.done('TournamentService.CreateTournament', 'admin', { id, prize_pool: { asset: 'WINZ', amount: '9' } });
  await caller.done('TournamentService.SubmitScore', 'service', { id, user_id: id, points: '7' });
};
const raceRenamed = (caller: Caller) =>
  caller.done('TournamentService.UpdateTournament', 'admin', {
    id: caller.id,
    name: 'Changed since',
    status: 'active',
  });
const raceChange = async (caller: Caller): Promise<void> => {
  await raceRenamed(caller);
  const { id } = caller;
  await caller.done('TournamentService.SubmitScore', 'service', { id, user_id: 'r-player', points: '8' });
};
const give = (caller: Caller) =>
  caller.done('LedgerService.CreateTransfer', 'admin', {
    source: { kind: 'operator' },
    destination: { kind: 'player', user_id: caller.id },
    asset: 'WINZ',
    amount: '5',
  });
/** A request about what `make` creates. */
const requestAfter =
  (make: (caller: Caller) => Promise<unknown>, request: JsonObject) =>
  async (caller: Caller): Promise<JsonObject> => {
    await make(caller);
    return { id: caller.id, ...request };
  };

/** Every write that takes a key. */
export const WRITES: Readonly<Record<string, Write>> = {
  ...MINI_GAME_WRITES,
  ...RAFFLE_WRITES,
  ...JACKPOT_END_WRITES,
  ...POTS_WRITES,
  ...JOURNEY_WRITES,
  ...PLAYER_WRITES,
  'LootboxService.CreateLootbox': {
    as: 'admin',
    operation: 'lootbox.create',
    prepare: async ({ id }) => ({ id, prizes: PRIZES, reason: 'new' }),
    change: boxChange,
  },
  'LootboxService.UpdateLootbox': {
    as: 'admin',
    operation: 'lootbox.update',
    prepare: requestAfter(box, { name: 'Second', status: 'paused' }),
    change: boxChange,
  },
  'LootboxService.ArchiveLootbox': {
    as: 'admin',
    operation: 'lootbox.archive',
    prepare: requestAfter(box, { reason: 'over' }),
    change: boxChange,
  },
  'LootboxService.OpenLootbox': {
    as: 'service',
    operation: 'lootbox.open',
    prepare: requestAfter(box, { user_id: 'r-player' }),
    change: boxChange,
  },
  'JackpotService.CreateJackpot': {
    as: 'admin',
    operation: 'jackpot.create',
    change: poolChange,
    prepare: async ({ id }) => ({
      id,
      asset: 'USD',
      pots: [
        {
          id: 'hit',
          fraction: '0.5',
          seed: '1',
          surplus_seed: '2',
          win_rules: [{ hit_rate: { cost: '1', odds: 9000000000 } }],
        },
        { id: 'brim', fraction: '0.4', seed: '5', win_rules: [{ must_drop_value: { value: '5.5' } }] },
      ],
    }),
  },
  'JackpotService.UpdateJackpot': {
    as: 'admin',
    operation: 'jackpot.update',
    prepare: requestAfter(pool, { name: 'Second', status: 'paused' }),
    change: poolChange,
  },
  'JackpotService.ArchiveJackpot': {
    as: 'admin',
    operation: 'jackpot.archive',
    prepare: requestAfter(pool, { reason: 'over' }),
    change: poolChange,
  },
  'JackpotService.ContributeToJackpot': {
    as: 'service',
    operation: 'jackpot.contribute',
    prepare: requestAfter(pool, { user_id: 'r-player', amount: 1 }),
    change: poolChange,
  },
  'JackpotService.DropJackpot': {
    as: 'service',
    operation: 'jackpot.drop',
    prepare: requestAfter(pool, { winner_user_id: 'r-player', reason: 'a gift' }),
    change: poolChange,
  },
  'TournamentService.CreateTournament': {
    as: 'admin',
    operation: 'tournament.create',
    prepare: async ({ id }) => ({ id, prize_pool: { asset: 'WINZ', amount: '10' } }),
    change: raceChange,
  },
  'TournamentService.UpdateTournament': {
    as: 'admin',
    operation: 'tournament.update',
    prepare: requestAfter(race, { name: 'Second', status: 'paused' }),
    change: raceChange,
  },
  'TournamentService.ArchiveTournament': {
    as: 'admin',
    operation: 'tournament.archive',
    prepare: requestAfter(race, { reason: 'over' }),
    change: raceChange,
  },
  'TournamentService.SubmitScore': {
    as: 'service',
    operation: 'tournament.score',
    prepare: requestAfter(race, { user_id: 'r-player', wagered: 1 }),
    change: raceChange,
  },
  'TournamentService.JoinTournament': {
    as: 'service',
    operation: 'tournament.join',
    prepare: requestAfter(race, { user_id: 'r-player' }),
    change: raceChange,
  },
  'TournamentService.CloseTournament': {
    as: 'service',
    operation: 'tournament.close',
    prepare: requestAfter(race, {}),
    change: raceRenamed,
  },
  'TournamentService.CancelTournament': {
    as: 'admin',
    operation: 'tournament.cancel',
    prepare: requestAfter(race, {}),
    change: raceRenamed,
  },
  'LedgerService.CreateTransfer': {
    as: 'admin',
    operation: 'ledger.transfer',
    change: give,
    prepare: async ({ id }) => ({
      source: { kind: 'operator' },
      destination: { kind: 'player', user_id: id },
      asset: 'WINZ',
      amount: '1.5',
    }),
  },
  'LedgerService.ReverseTransfer': {
    as: 'admin',
    operation: 'ledger.reverse',
    change: give,
    prepare: async (caller) => ({ transfer_id: ((await give(caller))['transfer'] as JsonObject)['transfer_id']! }),
  },
};

/** What happens once to its subject, whatever the key. */
export const AT_MOST_ONCE = new Set([
  'LedgerService.ReverseTransfer',
  'TournamentService.JoinTournament',
  'TournamentService.CloseTournament',
  'TournamentService.CancelTournament',
  'RaffleService.DrawRaffle',
  'RaffleService.CancelRaffle',
  'WithheldWinService.ReleaseWithheldWin',
  'WithheldWinService.RejectWithheldWin',
  'GrantService.ConfirmGrant',
]);
