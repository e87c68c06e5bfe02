import { JackpotContributed, type HitDraw, type JackpotWon } from '../../../../gen/windfall/facts/v1/facts.ts';
import {
  Draw, drawHits, nextSeed, seedStream, streamId, useSeed, type MasterKeys, type PotDraw,
} from '../../../fairness/index.ts';
import {
  account, accountId, defineFact, outOfRange, STALE, type Command, type Given, type Want,
} from '../../../journal/index.ts';
import { MICROS_MAX, Refusal, type Micros } from '../../../kernel/index.ts';
import type { Jackpot } from '../definition.ts';
import { jackpot as jackpots, jackpotHits, pot as pots, status, type PotRow } from '../entities.ts';
import { boundsOf, Hidden } from '../hidden.ts';
import { select, shareOf, type Share } from '../rules.ts';
import { triggerSeed, wonFact, type Ending, type WinReason } from './win.ts';

/** A player has contributed. Its transfer is the amount. */
export const jackpotContributed = defineFact<JackpotContributed>({
  name: 'jackpot.contributed',
  number: 42,
  version: 1,
  aggregate: jackpots,
  codec: JackpotContributed,
  evolve(data, rows, at) {
    const head = rows.edit(jackpots, at.aggregate);
    let amount = data.house;
    for (const share of data.pots) {
      const row = rows.edit(pots, Number(share.pot));
      row.value += share.value;
      row.reserve += share.reserve;
      row.overflow += share.overflow;
      row.contributed += share.value + share.reserve;
      row.lastPlayer = Number(data.player);
      amount += share.value + share.reserve;
    }
    head.house += data.house;
    head.contributed += amount;
    head.contributions += 1;
    if (data.draw === undefined) return;
    head.nonce = Number(data.draw.nonce) + 1;
    if (!data.draw.pots.some(({ hit }) => hit)) return;
    // The hit reveals the seed, so that the next draw is made with another one.
    useSeed(rows.edit(seedStream, streamId('jackpot', at.aggregate)), at);
    head.nonce = 0;
  },
});

export interface ContributeRequest {
  readonly jackpot: Jackpot;
  readonly player: number;
  readonly amount: Micros;
  readonly clientSeed: string;
}

export interface ContributeAnswer {
  readonly operationId: string;
  /** Microseconds since 1970. */
  readonly time: number;
  readonly contributed: JackpotContributed;
  readonly wins: readonly JackpotWon[];
  readonly replayed: boolean;
}

/** Contributes for a player: payment, shares, draws, and the pots that it wins. */
export function contribute(keys: MasterKeys): Command<ContributeRequest, ContributeAnswer> {
  const hidden = new Hidden(keys);
  return {
    name: 'jackpot.contribute',
    needs,
    decide(request, given) {
      const { jackpot, player, amount } = request;
      requireCurrent(jackpot, given);
      requireRoom(request, given);
      const rows = jackpot.pots.map(({ id }) => given.row(pots, id));
      const shares = jackpot.pots.map((pot, i) => shareOf(amount, pot, rows[i]!));
      const draw = drawFor(request, hidden, given);
      const won = endings({ request, rows, shares, drawn: draw?.drawn ?? [] }, hidden, given);
      const wins = select(jackpot.selector, won).map((ending) => wonFact(jackpot, player, ending, given));
      const data = { ...factOf(request, shares, draw?.data), pool: poolAfter(rows, shares, wins.map((win) => win.data)) };
      const { funding, asset, account: to } = jackpot;
      const from = funding === 'player' ? accountId('player', player, asset) : accountId('operator', 0, asset);
      return [{ kind: jackpotContributed, id: jackpot.id, data, transfers: [{ from, to, amount }] }, ...wins];
    },
    answer: ({ id, time, facts: [contributed, ...wins] }, replayed) => ({
      operationId: id, time, replayed, contributed: contributed!.data, wins: wins.map(({ data }) => data as JackpotWon),
    }),
  };
}

/** All rows that a win takes: if only winners needed a row, contention would draw again for winners alone. */
function needs({ jackpot, player }: ContributeRequest, want: Want): void {
  want.row(jackpots, jackpot.id);
  want.row(account, jackpot.account);
  for (const { id, stream, mustDrop } of jackpot.pots) {
    want.row(pots, id);
    if (mustDrop !== null) want.row(seedStream, stream);
  }
  if (jackpot.hits !== null) want.row(seedStream, jackpot.hits.stream);
  if (jackpot.winnable) want.row(jackpotHits, jackpot.id);
  if (jackpot.winnable || jackpot.funding === 'player') want.row(account, accountId('player', player, jackpot.asset));
}

/** Refuses JACKPOT_NOT_FOUND for an archived jackpot; throws STALE for another version. */
export function requireCurrent({ id, code, version }: Jackpot, given: Given): void {
  const head = given.row(jackpots, id);
  if (head.status !== status.active) {
    throw new Refusal('JACKPOT_NOT_FOUND', 'the jackpot is archived', { details: { id: code } });
  }
  if (head.version !== version) throw STALE;
}

/** Refuses before the draw what a win might make impossible: no refusal may depend on what was drawn. */
function requireRoom({ jackpot, player, amount }: ContributeRequest, given: Given): void {
  const held = given.row(account, jackpot.account).balance + amount;
  const code = (): string => jackpot.definition.asset;
  if (held + jackpot.seeds > MICROS_MAX) throw outOfRange(jackpot.account, code);
  if (!jackpot.winnable) return;
  const id = accountId('player', player, jackpot.asset);
  if (given.row(account, id).balance + held > MICROS_MAX) throw outOfRange(id, code);
}

interface Drawing {
  readonly drawn: readonly PotDraw[];
  readonly data: HitDraw;
}

/** Draws the pots that are hit by chance, under the jackpot's current seed. */
function drawFor({ jackpot, amount, clientSeed }: ContributeRequest, hidden: Hidden, given: Given): Drawing | undefined {
  const { hits } = jackpot;
  if (hits === null) return undefined;
  const seed = nextSeed(given, hits.stream);
  const { nonce } = given.row(jackpots, jackpot.id);
  const draw = new Draw({ serverSeed: hidden.hitKey(seed), clientSeed, nonce, sub: 0, configHash: hits.bound.configHash });
  const drawn = drawHits(draw, hits.bound, hits.places.map(() => amount));
  return {
    drawn,
    data: {
      keyId: seed.keyId, clientSeed,
      position: BigInt(seed.position),
      nonce: BigInt(nonce),
      readableSince: BigInt(seed.readableSince),
      words: draw.wordsConsumed,
      pots: drawn.map(({ attempts, hit }) => ({ attempts, hit })),
    },
  };
}

interface Divided {
  readonly request: ContributeRequest;
  readonly rows: readonly Readonly<PotRow>[];
  readonly shares: readonly Share[];
  readonly drawn: readonly PotDraw[];
}

/** The pots that the contribution wins, in their order. A pot without value cannot be won. */
function endings({ request: { jackpot }, rows, shares, drawn }: Divided, hidden: Hidden, given: Given): Ending[] {
  if (!jackpot.winnable) return [];
  const hit = new Set(jackpot.hits?.places.filter((_, i) => drawn[i]!.hit));
  const won: Ending[] = [];
  jackpot.pots.forEach((pot, place) => {
    const row = rows[place]!;
    const [value, reserve] = [row.value + shares[place]!.value, row.reserve + shares[place]!.reserve];
    const due = pot.mustDrop === null ? null
      : reachedOf(row, value, hidden.trigger(triggerSeed(given, pot), () => boundsOf(row)!), given);
    if (value === 0n || (due === null && !hit.has(place))) return;
    const why: WinReason = hit.has(place) ? 'hit_rate' : row.dueAt === 0 ? 'must_drop_value' : 'must_drop_time';
    won.push({ pot, row, value, reserve, reason: why, reached: why === 'hit_rate' ? null : due });
  });
  return won;
}

/** What has reached a hidden trigger; null: nothing has. */
function reachedOf(row: Readonly<PotRow>, value: Micros, trigger: bigint, { now }: Given): Ending['reached'] {
  if (row.dueAt !== 0) {
    const ms = BigInt(Math.floor(now / 1000));
    return ms < trigger ? null : { before: undefined, after: ms };
  }
  return value < trigger ? null : { before: row.value < trigger ? row.value : undefined, after: value };
}

function factOf(
  { jackpot, player, amount }: ContributeRequest, shares: readonly Share[], draw: HitDraw | undefined,
): Omit<JackpotContributed, 'pool'> {
  let house = amount;
  for (const { value, reserve } of shares) house -= value + reserve;
  return {
    player: BigInt(player),
    versionId: BigInt(jackpot.versionId),
    house, draw,
    pots: shares.map((share, i) => ({ pot: BigInt(jackpot.pots[i]!.id), ...share })),
  };
}

/** The sum of the pots' values once the pots that were won have started anew. */
function poolAfter(rows: readonly Readonly<PotRow>[], shares: readonly Share[], wins: readonly JackpotWon[]): Micros {
  let pool = 0n;
  for (let i = 0; i < rows.length; i++) pool += rows[i]!.value + shares[i]!.value;
  for (const { amount, start } of wins) pool += start!.value - amount;
  return pool;
}
