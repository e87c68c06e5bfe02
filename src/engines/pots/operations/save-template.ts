import { TemplateServiceService, type SaveTemplateRequest } from '../../../../gen/ts/windfall/pots/v1/template.ts';
import { shownOf, requireDefinition, type Shown } from '../../../catalogue/index.ts';
import type { PotsTemplate } from '../../../../gen/ts/windfall/facts/v1/pots.ts';
import { ApiError, uuidv7, type Caller } from '../../../kernel/index.ts';
import type { OperationOf, Platform } from '../../../platform/index.ts';
import type { Context } from '../../../rpc/index.ts';
import { addCurrencies, isCurrency } from '../../../tenants/index.ts';
import { createDefinition, updateDefinition, wasCreated } from '../../kit/index.ts';
import { requireJackpot } from '../as-jackpot.ts';
import { countInstances } from '../listing.ts';
import { ownerOf } from '../owner.ts';
import { templateMessages } from '../template-found.ts';
import { templateOf } from '../template-input.ts';
import { templates } from '../templates.ts';

const { path } = TemplateServiceService.saveTemplate;

/** Stores a new template, or replaces one that no instance was made from. */
export const saveTemplate: OperationOf<typeof TemplateServiceService.saveTemplate> =
  (platform) => async (request, context) => {
    const shown = await saved(platform, request, context);
    const [jackpotTemplate] = await templateMessages(platform, context.caller, [shown]);
    return { jackpotTemplate };
  };

async function saved(platform: Platform, request: SaveTemplateRequest, context: Context): Promise<Shown<PotsTemplate>> {
  const { caller } = context;
  const template = request.jackpotTemplate!;
  const brand = ownerOf(await platform.tenants.of(caller.operator), caller, template.ownerId);
  requireJackpot(platform, templateOf(template, brand));
  const before = template.id === '' ? undefined : await stored(platform, caller, template.id);
  const change = { ...request, template, brand, reason: '', id: template.id || uuidv7(Date.now(), 0) };
  const check = async (): Promise<void> => {
    if (before !== undefined) await requireUnlocked(platform, caller, before);
    await addCurrency(platform, caller, template.currency);
  };
  const isNew = before === undefined || (await wasCreated(platform, templates, path, change, context));
  const { shown } = isNew
    ? await createDefinition(platform, templates, path, { ...change, status: 'draft' }, context, check)
    : await updateDefinition(platform, templates, path, change, context, check);
  return shown;
}

/** Adds the currency of a template, if ISO 4217 has it and the operator does not. */
async function addCurrency({ orm, tenants }: Platform, { operator }: Caller, code: string): Promise<void> {
  if (!isCurrency(code) || (await tenants.of(operator)).hasAsset(code)) return;
  try {
    await orm.em.fork().transactional((em) => addCurrencies(em, operator, [code], 'currency'));
  } finally {
    tenants.changed(operator);
  }
}

async function stored(platform: Platform, { operator }: Caller, id: string): Promise<Shown<PotsTemplate> | undefined> {
  try {
    return shownOf(templates, await requireDefinition(platform.reads, templates, operator, id));
  } catch (error) {
    if (error instanceof ApiError && error.reason === 'TEMPLATE_NOT_FOUND') return undefined;
    throw error;
  }
}

/** Throws TEMPLATE_LOCKED if an instance was made from the template. */
async function requireUnlocked(
  { reads }: Platform,
  { operator }: Caller,
  { definitionId, code: id }: Shown<PotsTemplate>,
): Promise<void> {
  const count = (await countInstances(reads, operator, [definitionId])).get(definitionId) ?? 0;
  if (count === 0) return;
  const details = { id, reference_count: String(count) };
  throw new ApiError('TEMPLATE_LOCKED', 'an instance was made from the template', { details });
}
