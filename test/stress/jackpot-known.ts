import type { AnsweredCalls, Sent } from './jackpot-answered.ts';
import { ASSET, OPENINGS } from './jackpot-catalogue.ts';
import { isEnding } from './jackpot-endings.ts';
import type { PotMoney } from './jackpot-pot-model.ts';

export type Query = (text: string, ...values: readonly unknown[]) => Promise<string[][]>;

/** What a replay needs to know beside the journal. */
export interface Known {
  /** The responses to callers, by operation. */
  readonly done: ReadonlyMap<string, Sent>;
  /** Players' numbers by their names, and their names by their numbers. */
  readonly numbers: ReadonlyMap<string, number>;
  readonly names: ReadonlyMap<number, string>;
  readonly asset: number;
  /** The numbers of jackpots by their ids, and the codes of pots by their numbers. */
  readonly jackpots: ReadonlyMap<string, number>;
  readonly pots: ReadonlyMap<number, string>;
  /** Players' own client seeds and public hashes, by their names. */
  readonly seeds: ReadonlyMap<string, { readonly own: string; readonly hash: string }>;
  /** Players' balances, in micro-units. */
  readonly balances: Map<string, bigint>;
  /** What transfers took from the pots of ended jackpots, and where it goes, by operation. */
  readonly moved: Map<string, PotMoney & { readonly to: { readonly jackpot: string; readonly pot: string } }>;
  /** The records of ends that were proved, by operation. */
  readonly proofs: ReadonlyMap<string, string>;
  note(problem: string): void;
}

const JACKPOTS =
  'select d.code, j.id from jackpot j join definition d on d.operator_id = j.operator_id and d.id = j.definition_id ' +
  'where j.operator_id = 1';

/** Whether a wish became an operation of a jackpot, and not only of its definition. */
export const isPlayed = ({ wish }: Sent): boolean =>
  !isEnding(wish) || wish.kind === 'draw' || wish.kind === 'transfer';

/** Reads what a replay needs to know beside the journal. @param proofs the records of ends that were proved. */
export async function knownOf(
  query: Query,
  answered: AnsweredCalls,
  proofs: ReadonlyMap<string, string>,
  note: (problem: string) => void,
): Promise<Known> {
  const done = new Map<string, Sent>();
  for (const sent of answered.sent) {
    if (sent.id === '') {
      if (!sent.refused) note(`${JSON.stringify(sent.wish)} was never answered`);
      continue;
    }
    if (done.has(sent.id)) note(`${sent.id} was answered of two wishes`);
    if (isPlayed(sent)) done.set(sent.id, sent);
    if (sent.fresh > 1 || (sent.fresh === 0 && !sent.unsure))
      note(`${sent.id} was answered as done anew ${sent.fresh} times`);
  }
  const players = await query(
    'select p.user_id, p.id, p.public_hash, s.client_seed from player p ' +
      'join seed_stream s on s.operator_id = p.operator_id and s.id = p.id * 64 where p.operator_id = 1',
  );
  const [[asset] = []] = await query('select asset_no from asset where operator_id = 1 and code = $1', ASSET);
  const pots = await query('select id, code from jackpot_pot where operator_id = 1');
  const jackpots = await query(JACKPOTS);
  return {
    done,
    note,
    proofs,
    moved: new Map(),
    pots: new Map(pots.map(([id, code]) => [Number(id), code!])),
    jackpots: new Map(jackpots.map(([code, id]) => [code!.replace('jackpot/', ''), Number(id)])),
    numbers: new Map(players.map(([name, id]) => [name!, Number(id)])),
    seeds: new Map(players.map(([name, , hash, own]) => [name!, { hash: hash!, own: own! }])),
    names: new Map(players.map(([name, id]) => [Number(id), name!])),
    asset: Number(asset),
    balances: new Map([...OPENINGS].map(([user, amount]) => [user, BigInt(amount) * 1_000_000n])),
  };
}
