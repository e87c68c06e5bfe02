import type { DefinitionChanged, DefinitionNoted } from '../../../../gen/ts/windfall/facts/v1/facts.ts';
import { InstanceServiceService, type InstanceChange } from '../../../../gen/ts/windfall/pots/v1/instance.ts';
import { changeName, definition, definitionChanged, definitionNoted, statusName } from '../../../catalogue/index.ts';
import { factsOf, readRowsById } from '../../../journal/index.ts';
import { read } from '../../../platform/index.ts';
import { findInstance } from '../instance-found.ts';
import { STATUS_WORDS } from '../instance-view.ts';

const LIMIT = 50;
const KINDS = [definitionChanged.number, definitionNoted.number];

/** Lists the changes of an instance, the newest first. */
export const listInstanceChanges = read(
  InstanceServiceService.listInstanceChanges,
  (platform) =>
    async ({ instanceId, page, limit }, { caller }) => {
      const { reads, register } = platform;
      const { operator } = caller;
      const { definitionId: aggregate, code } = await findInstance(platform, caller, instanceId);
      const size = limit || LIMIT;
      const facts = await reads(async (em) => {
        const head = (await readRowsById(em, definition, operator, [aggregate]))[0]!;
        // The head counts its changes from 1 without gaps, so a page is found by its place.
        const before = head.sequence + 1 - page * size;
        return factsOf(em, register, { operator, aggregate, kinds: KINDS, before, limit: size });
      });
      return {
        changes: facts.map(({ fact, caller: userId, time }): InstanceChange => {
          const entry = fact.kind === definitionNoted ? notedEntry(fact.data) : changedEntry(fact.data);
          return { instanceId: code, userId, timestamp: Math.floor(time / 1000), ...entry };
        }),
      };
    },
);

type Entry = Omit<InstanceChange, 'instanceId' | 'timestamp' | 'userId'>;

const changedEntry = ({ change, status, content, reason }: DefinitionChanged): Entry => ({
  action: changeName(change),
  reason: reason || undefined,
  subject: undefined,
  before: undefined,
  after: undefined,
  version: Number(content!.version),
  status: STATUS_WORDS[statusName(status)],
});

const notedEntry = ({ note, status, version, reason, subject, before, after }: DefinitionNoted): Entry => ({
  action: changeName(note),
  reason: reason || undefined,
  subject: subject || undefined,
  before: before || undefined,
  after: after || undefined,
  version: Number(version),
  status: STATUS_WORDS[statusName(status)],
});
