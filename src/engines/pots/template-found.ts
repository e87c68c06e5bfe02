import type { PotsTemplate } from '../../../gen/ts/windfall/facts/v1/pots.ts';
import type { JackpotTemplate } from '../../../gen/ts/windfall/pots/v1/template.ts';
import { notFound, requireDefinition, shownOf, type Shown } from '../../catalogue/index.ts';
import type { Caller } from '../../kernel/index.ts';
import type { Platform } from '../../platform/index.ts';
import { countInstances } from './listing.ts';
import { isVisible, ownerName } from './owner.ts';
import { templateMessage } from './template-view.ts';
import { templates } from './templates.ts';

/** A template as the caller may see it. Throws TEMPLATE_NOT_FOUND. */
export async function findTemplate(platform: Platform, caller: Caller, id: string): Promise<Shown<PotsTemplate>> {
  const shown = shownOf(templates, await requireDefinition(platform.reads, templates, caller.operator, id));
  if (!isVisible(caller, Number(shown.content.brand))) throw notFound(templates, id);
  return shown;
}

/** The messages of templates. */
export async function templateMessages(
  { reads, tenants }: Platform,
  { operator }: Caller,
  shown: readonly Shown<PotsTemplate>[],
): Promise<JackpotTemplate[]> {
  const tenant = await tenants.of(operator);
  const counts = await countInstances(
    reads,
    operator,
    shown.map(({ definitionId }) => definitionId),
  );
  return shown.map(({ definitionId, code, status, content }) => ({
    ...templateMessage(content),
    id: code,
    ownerId: ownerName(tenant, Number(content.brand)),
    referenceCount: counts.get(definitionId) ?? 0,
    published: status === 'active',
  }));
}
