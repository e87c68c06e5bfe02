import { sha256 } from '../dice.ts';
import type { Json } from '../json.ts';
import { raffle as winnersOf } from '../raffle.ts';
import type { Given, Recipe } from './recipe.ts';
import { amount, bool, int, list, nullable, object, text, time } from './shape.ts';
import { grants, grantsOf, item, itemExpires } from './table.ts';

const prize = { amount, asset: text() };
const prizeItem = { item: object(item, itemExpires) };
const HASH = /^[0-9a-f]{64}$/;
const PLAYER = /^[0-9a-f]{32}$/;

/** The chain quicknet of drand: its hash, the time of its first round, and the seconds between two rounds. */
const CHAIN = '52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971';
const GENESIS = 1_692_803_367;
const PERIOD = 3;

/** The draw of a raffle. That drand has signed a beacon, this verifier cannot check: drand's servers tell. */
export const raffle: Recipe = {
  stream: 'raffle',
  player: false,
  origins: [['beacon', 'caller']],
  config: object({
    entropy: text(/^(none|beacon|caller)$/),
    one_per_player: bool,
    pool_hash: text(HASH),
    prizes: list(object({ ...prize, winners: int(1, 1000) }, prizeItem), 1, 1000),
    total_tickets: int(),
  }),
  outcome: object({
    beacon: nullable(object({ chain_hash: text(HASH), round: int(1), signature: text(/^[0-9a-f]{96}$/) })),
    close_time: time,
    grants,
    source: text(),
    winners: list(
      object({ player: text(PLAYER), prize: object(prize, prizeItem), ticket: int(), withheld: bool }),
      0,
      1000,
    ),
    words: int(),
  }),
  compute({ record, config, outcome, entries, dice }: Given): Json {
    if (record.position !== 0) throw new Error('position: is not 0');
    const words = dice(0);
    const prizes = config.prizes.flatMap(({ winners, ...one }: Json) => Array(winners).fill(one));
    if (prizes.length > 1000) throw new Error('config.prizes: have too many winners');
    const drawn = winnersOf(words, { ...config, winners: prizes.length }, { entries }, { algorithm: 'windfall/2' });
    if (outcome.close_time > record.time) throw new Error('outcome.close_time: is after the draw');
    const winners = drawn.winners.map(({ ticket, player_hash: player }: Json, place: number) => {
      return { ticket, player, prize: prizes[place], withheld: outcome.winners[place]?.withheld === true };
    });
    const items = winners.flatMap((one: Json) => (one.withheld ? [] : (one.prize.item ?? [])));
    return {
      winners,
      ...sourceOf(record.client_seeds[0], config, outcome),
      close_time: outcome.close_time,
      grants: grantsOf(items, outcome.grants),
      words: words.taken,
    };
  },
};

/** Where the client seed is from, as the raffle's terms say. */
function sourceOf({ origin, seed }: Json, { entropy, total_tickets: tickets }: Json, outcome: Json): Json {
  const from = entropy === 'beacon' && tickets === 0 ? 'none' : entropy;
  if (origin !== from) throw new Error(`client_seeds[0].origin: is not ${from}`);
  if (from !== 'beacon') return { beacon: null, source: from === 'caller' ? outcome.source : '' };
  const { signature } = outcome.beacon ?? { signature: '' };
  if (seed !== sha256(Buffer.from(signature, 'hex'))) throw new Error('client_seeds[0].seed: is not of the beacon');
  const { close_time: closed } = outcome;
  const micros = BigInt(Date.parse(`${closed.slice(0, 19)}Z`)) * 1000n + BigInt(closed.slice(20, 26));
  const round = (micros - BigInt(GENESIS) * 1_000_000n) / BigInt(PERIOD * 1_000_000) + 3n;
  return { source: '', beacon: { chain_hash: CHAIN, round: Number(round < 1n ? 1n : round), signature } };
}
