import { LootboxArchived } from '../../../../gen/windfall/facts/v1/facts.ts';
import { defineFact, type Command } from '../../../journal/index.ts';
import { lootbox, status } from '../entities.ts';

const lootboxArchived = defineFact<LootboxArchived>({
  name: 'lootbox.archived',
  number: 11,
  version: 1,
  aggregate: lootbox,
  codec: LootboxArchived,
  evolve(_, rows, at) {
    const head = rows.edit(lootbox, at.aggregate);
    head.status = status.archived;
    head.updatedAt = at.time;
  },
});

export interface Archived {
  readonly data: LootboxArchived;
  /** Microseconds since 1970. */
  readonly time: number;
}

/** Takes a lootbox off the list; one that is archived stays as it is: null. */
export const archiveLootbox: Command<{ readonly id: number }, Archived | null> = {
  name: 'lootbox.archive',
  needs({ id }, want) {
    want.row(lootbox, id);
  },
  decide({ id }, given) {
    const head = given.row(lootbox, id);
    if (head.status === status.archived) return [];
    const data = { versionId: BigInt(head.versionId), createdAt: BigInt(head.createdAt) };
    return [{ kind: lootboxArchived, id, data, transfers: [] }];
  },
  answer: ({ facts, time }) => (facts.length === 0 ? null : { data: facts[0]!.data as LootboxArchived, time }),
};
