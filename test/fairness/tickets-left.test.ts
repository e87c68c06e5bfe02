import assert from 'node:assert/strict';
import fc from 'fast-check';
import { test } from 'vitest';
import { TicketsLeft } from '../../src/fairness/tickets-left.ts';

const SLOTS = 60;

test('the n-th ticket left is the n-th of a list from which the ranges are cut', () => {
  // Each slot of four tickets is one player's, who may leave; of these tickets the first ones were bought.
  const owners = fc.array(fc.nat(11), { minLength: SLOTS, maxLength: SLOTS });
  fc.assert(
    fc.property(owners, fc.uniqueArray(fc.nat(11)), fc.integer({ min: 1, max: 4 }), (owned, leaving, length) => {
      const left = new TicketsLeft(SLOTS * 4);
      let list = Array.from({ length: SLOTS * 4 }, (_, ticket) => ticket);
      for (const player of leaving) {
        const ranges = owned.flatMap((one, slot) => (one === player ? [{ firstTicket: slot * 4, count: length }] : []));
        left.remove(ranges);
        list = list.filter((ticket) => owned[Math.floor(ticket / 4)] !== player || ticket % 4 >= length);
        assert.equal(left.count, list.length);
        assert.deepEqual(
          list.map((_, index) => left.at(index)),
          list,
        );
      }
    }),
  );
});

// Copying all ranges for each winner takes minutes here, and this less than a second.
test('winners with many entries, each between those of others, are removed without copying the ranges of all', () => {
  const [players, each] = [10_000, 100];
  const left = new TicketsLeft(players * each);
  for (let winner = 0; winner < players; winner++) {
    const player = (winner * 7919) % players;
    left.remove(Array.from({ length: each }, (_, n) => ({ firstTicket: n * players + player, count: 1 })));
    if (left.count > 0) left.at(left.count - 1);
  }
  assert.equal(left.count, 0);
}, 20_000);
