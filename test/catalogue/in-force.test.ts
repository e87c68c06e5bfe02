import assert from 'node:assert/strict';
import { describe, test } from 'vitest';
import {
  changeDefinition,
  definition,
  isActive,
  requireActive,
  requireOneOf,
  type ChangeRequest,
} from '../../src/catalogue/index.ts';
import { lootboxes } from '../../src/engines/lootbox/definition.ts';
import { StaleVersionError, type Snapshot } from '../../src/journal/index.ts';
import { ApiError } from '../../src/kernel/index.ts';
import { decideAlone, wordOf } from '../journal/alone.ts';
import { tableOf } from '../prizes/table.ts';

const STATUSES = { draft: 1, active: 2, paused: 3, archived: 4 } as const;
const bound = { definitionId: 1, code: 'box', version: 3, versionId: 9 };
const at = (status: number, version: number): Snapshot =>
  ({ row: () => ({ status, version }) }) as Partial<Snapshot> as Snapshot;

/** What a check says: nothing, that the version is stale, or the reason of its refusal. */
function said(check: () => void): string {
  try {
    check();
    return '';
  } catch (thrown) {
    if (thrown instanceof StaleVersionError) return 'stale';
    if (thrown instanceof ApiError) return thrown.reason;
    throw thrown;
  }
}

describe('what is done with a definition', () => {
  test('needs the version in force, whether that is newer or older', () => {
    const active = (version: number): string =>
      said(() => requireActive(lootboxes, bound, at(STATUSES.active, version)));
    assert.deepEqual([active(2), active(3), active(4)], ['stale', '', 'stale']);
    const ended = (version: number): string =>
      said(() => requireOneOf(bound, ['archived', 'paused'], 'JACKPOT_NOT_ENDED', at(STATUSES.archived, version)));
    assert.deepEqual([ended(2), ended(3), ended(4)], ['stale', '', 'stale']);
  });

  test('needs its status, which is told before its version', () => {
    for (const [name, number] of Object.entries(STATUSES)) {
      const active = name === 'active';
      assert.equal(
        said(() => requireActive(lootboxes, bound, at(number, 3))),
        active ? '' : 'LOOTBOX_NOT_ACTIVE',
      );
      assert.equal(
        said(() => requireActive(lootboxes, bound, at(number, 4))),
        active ? 'stale' : 'LOOTBOX_NOT_ACTIVE',
      );
      assert.equal(isActive(bound, at(number, 4)), active);
      const ended = said(() => requireOneOf(bound, ['archived', 'paused'], 'JACKPOT_NOT_ENDED', at(number, 3)));
      assert.equal(ended, ['archived', 'paused'].includes(name) ? '' : 'JACKPOT_NOT_ENDED');
    }
  });
});

describe('a change', () => {
  const content = tableOf({});
  const command = changeDefinition(lootboxes);
  const stored = (name: string, versionId: number) => {
    const encoded = lootboxes.encode({ ...content, name });
    return {
      versionId: BigInt(versionId),
      format: lootboxes.format,
      definition: Buffer.from(encoded),
      configHash: Buffer.from(lootboxes.configHash(content)),
    };
  };
  const change = (sequence: number, expectedVersion = 0): ChangeRequest<any> => ({
    act: 'change',
    id: 1,
    code: 'box',
    sequence,
    base: {
      ...stored('old', 9),
      version: 3n,
      publishedAt: 1n,
      effectiveAt: 1n,
    },
    content,
    reason: '',
    expectedVersion,
    keyed: false,
    prepared: undefined,
    assetNo: () => 0,
    desired: { content: stored('new', 10), status: '', effectiveAt: 0, touches: true },
  });
  const head = { id: 1, code: 'lootbox/box', status: 2, version: 3, versionId: 9, latest: 3, sequence: 5, openedAt: 1 };
  const decided = (...requests: readonly ChangeRequest<any>[]) =>
    decideAlone(command, requests, { rows: [[definition, head]] });

  test('is planned anew if another one came between its reading and its turn', () => {
    assert.deepEqual(decided(change(5)).outcomes.map(wordOf), ['done']);
    assert.deepEqual(decided(change(4)).outcomes.map(wordOf), ['stale']);
    const { outcomes, entries } = decided(change(5), change(5));
    assert.deepEqual(outcomes.map(wordOf), ['done', 'stale']);
    assert.equal(entries.length, 1);
    assert.deepEqual(entries[0]!.fact.data.version, 4n);
  });

  test('is refused if the newest version is not the one that its caller knows', () => {
    assert.deepEqual(decided(change(5, 3)).outcomes.map(wordOf), ['done']);
    assert.deepEqual(decided(change(5, 2)).outcomes.map(wordOf), ['VERSION_MISMATCH']);
    assert.deepEqual(decided(change(5, 3), change(5, 3)).outcomes.map(wordOf), ['done', 'VERSION_MISMATCH']);
  });
});
