import { JackpotArchived } from '../../../../gen/windfall/facts/v1/facts.ts';
import { defineFact, type Command } from '../../../journal/index.ts';
import { jackpot, status } from '../entities.ts';

const jackpotArchived = defineFact<JackpotArchived>({
  name: 'jackpot.archived',
  number: 41,
  version: 1,
  aggregate: jackpot,
  codec: JackpotArchived,
  evolve(_, rows, at) {
    const head = rows.edit(jackpot, at.aggregate);
    head.status = status.archived;
    head.updatedAt = at.time;
  },
});

/** Takes a jackpot off the list; one that is archived stays as it is. */
export const archiveJackpot: Command<{ readonly id: number }, void> = {
  name: 'jackpot.archive',
  needs({ id }, want) {
    want.row(jackpot, id);
  },
  decide({ id }, given) {
    const head = given.row(jackpot, id);
    if (head.status === status.archived) return [];
    const data = { versionId: BigInt(head.versionId), createdAt: BigInt(head.createdAt) };
    return [{ kind: jackpotArchived, id, data, transfers: [] }];
  },
  answer: () => undefined,
};
