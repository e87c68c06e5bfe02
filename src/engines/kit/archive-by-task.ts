import { changeDefinition, findDefinitions, type DefinitionKind } from '../../catalogue/index.ts';
import { runOne, taskOptions } from '../../journal/index.ts';
import type { Platform } from '../../platform/index.ts';
import type { Order } from '../../tasks/index.ts';
import { baseOf, NOTHING, requestOf } from './change-request.ts';

/** Archives the definition that an order names by the number of its head. The second time it is archived already. */
export async function archiveByTask(platform: Platform, kind: DefinitionKind, { operator, id }: Order): Promise<void> {
  const { journal, reads, tenants } = platform;
  const tenant = await tenants.of(operator);
  await runOne(
    {
      journal,
      command: changeDefinition(kind),
      async prepare() {
        const [before] = await findDefinitions(reads, operator, [id]);
        const { head, version } = before!;
        const change = {
          tenant,
          code: head.code.slice(kind.engine.length + 1),
          content: kind.read(version.format, version.content) as unknown,
          reason: '',
          expectedVersion: 0,
          desired: { ...NOTHING, status: 'archived' as const },
          ...baseOf(before!),
        };
        return { request: requestOf(platform, kind, 'change', change, null), options: taskOptions(operator, id) };
      },
    },
    null,
  );
}
