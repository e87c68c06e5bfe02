import assert from 'node:assert/strict';
import { test } from 'vitest';
import type { Reads } from '../../src/db/index.ts';
import { bindRaffle, type Draw } from '../../src/fairness/index.ts';
import { drawWinningTickets } from '../../src/tickets/index.ts';

const entryOf = (firstTicket: number, count: number, player: number) => ({
  firstTicket,
  count,
  player,
  playerHash: '',
});
/** Always draws the first ticket that is left. */
const draw = { uniform: () => 0 } as unknown as Draw;

/** Draws winners where the reads find these entries, one after another. */
async function winners(totalTickets: number, count: number, read: ReturnType<typeof entryOf>[][]): Promise<number[]> {
  const bound = bindRaffle({ poolHash: '', totalTickets, winners: count, onePerPlayer: true });
  const reads = (async () => read.shift()) as unknown as Reads;
  return (await drawWinningTickets(reads, 1, 3, draw, bound)).map(({ ticket }) => ticket);
}

test('all tickets of a winner leave the pool, of purchases one after another and of others', async () => {
  const [first, next, third] = [entryOf(0, 2, 7), entryOf(2, 3, 7), entryOf(6, 1, 7)];
  const [other, last] = [entryOf(5, 1, 8), entryOf(7, 3, 9)];
  const read = [[first], [first, next, third], [other], [other], [last], [last]];
  assert.deepEqual(await winners(10, 3, read), [0, 5, 7]);
});

test('a winner with several pages of purchases leaves with all of them', async () => {
  const page = Array.from({ length: 5000 }, (_, n) => entryOf(2 * n, 1, 7));
  const end = entryOf(10_000, 2, 7);
  const [other, last] = [entryOf(1, 1, 8), entryOf(10_002, 1, 8)];
  assert.deepEqual(await winners(10_003, 2, [[page[0]!], page, [end], [other], [other, last]]), [0, 1]);
});
