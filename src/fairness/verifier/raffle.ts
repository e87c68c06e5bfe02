import { sha256, type Dice } from './dice.ts';
import { int, type Json } from './json.ts';

/** The hashes H(k) of a list of sales, from H(0) on. */
export function poolHashes(entries: Json[]): string[] {
  const hashes = ['0'.repeat(64)];
  for (const { first_ticket: first, count, player_hash: player } of entries) {
    const numbers = int(first).toString(16).padStart(16, '0') + int(count).toString(16).padStart(8, '0');
    hashes.push(sha256(Buffer.from(hashes.at(-1) + numbers + player, 'hex')));
  }
  return hashes;
}

/** The winning tickets of a list of sales. */
export function raffle(dice: Dice, config: Json, { entries = [] }: Json, { algorithm }: Json): Json {
  const digits = algorithm === 'windfall/1' ? 64 : 32;
  if (entries.length === 0 && config.total_tickets > 0) throw new Error('entries are missing: give them as --entries');
  let sold = 0;
  let left = entries.map(({ first_ticket: first, count, player_hash: player }: Json) => {
    if (int(first) !== sold || int(count) === 0) throw new Error(`entries have no ticket ${sold}`);
    if (!new RegExp(`^[0-9a-f]{${digits}}$`).test(player)) throw new Error(`no player has ticket ${sold}`);
    sold += int(count);
    return { first: int(first), count: int(count), player };
  });
  const tickets = (): number => left.reduce((sum: number, { count }: Json) => sum + count, 0);
  if (poolHashes(entries).at(-1) !== config.pool_hash) throw new Error('entries do not give the pool_hash');
  if (sold !== config.total_tickets) throw new Error('entries are not config.total_tickets');
  const winners: Json[] = [];
  while (winners.length < config.winners && left.length > 0) {
    let skip = Number(dice.uniform(tickets()));
    const won = left.find(({ count }: Json) => (skip -= count) < 0);
    const ticket = won.first + won.count + skip;
    winners.push({ ticket, player_hash: won.player });
    left = left.flatMap((some: Json) => {
      if (config.one_per_player === true && some.player === won.player) return [];
      if (some !== won) return [some];
      const after = { ...some, first: ticket + 1, count: some.first + some.count - ticket - 1 };
      return [{ ...some, count: ticket - some.first }, after].filter(({ count }) => count > 0);
    });
  }
  return { entries, winners };
}
