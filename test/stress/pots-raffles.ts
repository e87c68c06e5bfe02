import { JackpotRoundDrawn } from '../../gen/ts/windfall/facts/v1/jackpot_raffle.ts';
import type { Query } from './pots-audit.ts';
import type { InstanceReplay } from './pots-replay.ts';
import type { Seen } from './pots-seen.ts';

const ROUNDS =
  'select r.id, r.number, p.tickets, p.state from jackpot_round r ' +
  'join ticket_pool p on p.operator_id = r.operator_id and p.id = r.id ' +
  'where r.operator_id = 1 and r.jackpot_id = $1 order by r.number';
const DRAWN =
  "select aggregate_id, encode(fact, 'hex') from journal where operator_id = 1 and kind = 1123 " +
  'and aggregate_id = any($1::int8[])';
const HELD = 'select player_id, tickets, carried from pots_tickets where operator_id = 1 and round_id = $1';
/** The state of a pool that is drawn, or ended without tickets. */
const COMPLETED = '2';

/**
 * Holds the rounds of a raffle against the model: each ended once, and was drawn once if it had tickets. Of a draw it
 * believes only which tickets have won; whose they are and what they get comes from the model.
 */
export async function compareRaffle(query: Query, id: number, replay: InstanceReplay, seen: Seen): Promise<number> {
  const { terms, raffle } = replay;
  const rounds = await query(ROUNDS, id);
  const draws = new Map<string, JackpotRoundDrawn[]>();
  for (const [pool, hex] of await query(DRAWN, `{${rounds.map(([round]) => round).join()}}`))
    draws.set(pool!, [...(draws.get(pool!) ?? []), JackpotRoundDrawn.decode(Buffer.from(hex!, 'hex'))]);
  if (rounds.length !== raffle!.rounds.length)
    seen.note(`${terms.id} has ${rounds.length} rounds, the model ${raffle!.rounds.length}`);
  let winners = 0;
  for (const [i, [round, number, tickets, state]] of rounds.entries()) {
    const model = raffle!.rounds[i];
    const name = `round ${number} of ${terms.id}`;
    const is = [number, tickets, state].join();
    if (is !== [i + 1, model?.tickets, COMPLETED].join())
      seen.note(`${name} is ${is}, the model has ${model?.tickets}`);
    if (model === undefined) continue;
    const all = draws.get(round!) ?? [];
    if (all.length !== (model.tickets > 0n ? 1 : 0)) seen.note(`${name} is drawn ${all.length} times`);
    const held = new Map((await query(HELD, round)).map(([player, ...of]) => [seen.names.get(Number(player)), of]));
    for (const [player, of] of model.held)
      if (held.get(player)?.join() !== `${of.tickets},${of.carried}`)
        seen.note(`${player} has ${held.get(player)} of ${name}, the model says ${of.tickets},${of.carried}`);
    if (held.size !== model.held.size)
      seen.note(`${held.size} players have tickets of ${name}, not ${model.held.size}`);
    for (const draw of all) {
      const drawn = draw.winners.map(({ ticket }) => ticket);
      if (new Set(drawn).size !== drawn.length || drawn.some((ticket) => ticket >= model.tickets))
        seen.note(`${name} draws the tickets ${drawn.join()} of ${model.tickets}`);
      const paid = draw.winners.map(({ player, amount, withheld }) =>
        [seen.names.get(Number(player)), amount, withheld].join(),
      );
      const should = drawn.map((ticket, place) => [model.ownerOf(ticket), model.amounts[place], false].join());
      if (paid.join() !== should.join() || drawn.length !== model.amounts.length)
        seen.note(`${name} pays ${paid.join('; ')}, the model says ${should.join('; ')}`);
      winners += drawn.length;
    }
    // What winners have is what the model says, however often a draw is found.
    const [first] = all;
    first?.winners.forEach(({ ticket }, place) =>
      seen.gain(model.ownerOf(ticket), terms.asset, model.amounts[place] ?? 0n),
    );
  }
  return winners;
}
