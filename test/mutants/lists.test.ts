import assert from 'node:assert/strict';
import { describe, test } from 'vitest';
import { areas, complaintOf, faultsOf } from './faults.ts';

describe('lists of faults', () => {
  for (const area of areas) {
    test(`each fault of ${area} can be planted`, () => {
      const complaints = faultsOf(area).map((fault) => [fault.fault, complaintOf(fault)]);
      assert.deepEqual(
        complaints.filter(([, complaint]) => complaint !== null),
        [],
      );
    });
  }

  test('no fault is listed twice', () => {
    const changes = areas.flatMap(faultsOf).map((fault) => JSON.stringify({ ...fault, area: '', fault: '' }));
    assert.deepEqual(
      changes.filter((change, i) => changes.indexOf(change) !== i),
      [],
    );
  });
});
