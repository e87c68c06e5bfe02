import {
  changeDefinition,
  definitionCode,
  findScheduled,
  idOfCode,
  TAKE_EFFECT,
  type DefinitionKind,
} from '../../catalogue/index.ts';
import { runOne, taskOptions } from '../../journal/index.ts';
import type { Task } from '../../tasks/index.ts';
import { baseOf, NOTHING, requestOf } from './change-request.ts';

/** The version was withdrawn after the task began. */
class WithdrawnError extends Error {}

/** The task by which a scheduled version takes effect. Idempotent: the second time nothing is scheduled. */
export function takeEffect(kinds: readonly DefinitionKind[]): Task {
  return {
    name: TAKE_EFFECT,
    async run(platform, { operator, id, at }) {
      const tenant = await platform.tenants.of(operator);
      const found = await findScheduled(platform.reads, operator, id);
      if (found === undefined) return;
      const kind = kinds.find(({ engine }) => found.head.code.startsWith(definitionCode(engine, '')))!;
      await runOne(
        {
          journal: platform.journal,
          command: changeDefinition(kind),
          async prepare() {
            const before = await findScheduled(platform.reads, operator, id);
            if (before === undefined) throw new WithdrawnError();
            const content = kind.read(before.version.format, before.version.content);
            const change = {
              content,
              tenant,
              code: idOfCode(before.head.code),
              reason: '',
              expectedVersion: 0,
              desired: { ...NOTHING, effectiveAt: at },
              ...baseOf(before),
            };
            return { request: requestOf(platform, kind, 'effect', change, null), options: taskOptions(operator, id) };
          },
        },
        null,
      ).catch((error: unknown) => {
        if (!(error instanceof WithdrawnError)) throw error;
      });
    },
  };
}
