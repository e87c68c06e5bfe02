import assert from 'node:assert/strict';
import { test } from 'vitest';
import type { JourneyDefinition, JourneyOpened } from '../../../gen/ts/windfall/facts/v1/journey.ts';
import { board, PLACES_MAX } from '../../../src/engines/journey/entities.ts';
import { opening } from '../../../src/engines/journey/opening.ts';
import { DAY } from '../../../src/journal/index.ts';
import { snapshotOf } from '../../support/snapshot.ts';

const NOW = 20_000 * DAY + 5;
const open = (places: number, dueAt: number) =>
  opening.open(
    { journey: 3n } as JourneyDefinition,
    { definitionId: 2, version: 1, versionId: 4, prepared: undefined, assetNo: () => 1 },
    snapshotOf(NOW, [board, { places, dueAt }]),
  )[0]!;

test('an operator has as many journeys as there are places', () => {
  assert.equal((open(PLACES_MAX - 1, 1).data as JourneyOpened).place, PLACES_MAX);
  assert.throws(() => open(PLACES_MAX, 1), { reason: 'TOO_MANY_JOURNEYS' });
});

test('the first journey begins the look-up of dormant players with the next day', () => {
  assert.deepEqual(
    open(0, 0).tasks!.map(({ at }) => at),
    [20_001 * DAY],
  );
  assert.deepEqual(open(1, 1).tasks, []);
});
