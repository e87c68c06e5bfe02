import type { AnsweredCalls, Sent } from './jackpot-answered.ts';
import { ASSET, OPENINGS } from './jackpot-catalogue.ts';
import type { Known } from './jackpot-replay.ts';

export type Query = (text: string, ...values: readonly unknown[]) => Promise<string[][]>;

/** What a replay needs to know beside the journal. */
export async function knownOf(query: Query, answered: AnsweredCalls, note: (problem: string) => void): Promise<Known> {
  const done = new Map<string, Sent>();
  for (const sent of answered.sent) {
    if (sent.id === '') {
      if (!sent.refused) note(`${JSON.stringify(sent.wish)} was never answered`);
      continue;
    }
    if (done.has(sent.id)) note(`${sent.id} was answered of two wishes`);
    done.set(sent.id, sent);
    if (sent.fresh > 1 || (sent.fresh === 0 && !sent.unsure))
      note(`${sent.id} was answered as done anew ${sent.fresh} times`);
  }
  const players = await query(
    'select p.user_id, p.id, p.public_hash, s.client_seed from player p ' +
      'join seed_stream s on s.operator_id = p.operator_id and s.id = p.id * 64 where p.operator_id = 1',
  );
  const [[asset] = []] = await query('select asset_no from asset where operator_id = 1 and code = $1', ASSET);
  return {
    done,
    note,
    numbers: new Map(players.map(([name, id]) => [name!, Number(id)])),
    seeds: new Map(players.map(([name, , hash, own]) => [name!, { hash: hash!, own: own! }])),
    names: new Map(players.map(([name, id]) => [Number(id), name!])),
    asset: Number(asset),
    balances: new Map([...OPENINGS].map(([user, amount]) => [user, BigInt(amount) * 1_000_000n])),
  };
}
