import { TemplateServiceService, type Schedule } from '../../../../gen/ts/windfall/pots/v1/template.ts';
import { notActive, notFound } from '../../../catalogue/index.ts';
import { invalid, uuidv7, type ApiError } from '../../../kernel/index.ts';
import type { OperationOf } from '../../../platform/index.ts';
import { createDefinition, type DefinitionRequest } from '../../kit/index.ts';
import { potsDirectory } from '../config/directory.ts';
import { findInstance, instanceMessages } from '../instance-found.ts';
import { instances, type InstanceInput } from '../instances.ts';
import { ownerOf } from '../owner.ts';
import { recurrenceOf } from '../schedule.ts';
import { findTemplate } from '../template-found.ts';
import { templates } from '../templates.ts';

const method = TemplateServiceService.instantiateTemplate;

/** Makes an instance of a published template. */
export const instantiateTemplate: OperationOf<typeof method> = (platform) => async (request, context) => {
  const { caller } = context;
  const { startsAt, endsAt } = timesOf(request.schedule);
  const recurrence = recurrenceOf(request.schedule?.recurrenceRules ?? [], startsAt !== 0);
  const tenant = await platform.tenants.of(caller.operator);
  const templateBrand = ownerOf(tenant, caller, request.templateOwnerId);
  const brand = BigInt(ownerOf(tenant, caller, request.instanceOwnerId));
  const template = await findTemplate(platform, caller, request.templateId);
  if (Number(template.content.brand) !== templateBrand) throw notFound(templates, request.templateId);
  const { linkedInstance } = request;
  const links = linkedInstance === undefined ? [] : [(await findInstance(platform, caller, linkedInstance)).code];
  const id = uuidv7(Date.now(), 0);
  const instance = {
    brand,
    startsAt: BigInt(startsAt),
    endsAt: BigInt(endsAt),
    template: template.code,
    templateId: BigInt(template.definitionId),
    gameCode: request.instanceGameCode,
    description: request.instanceDesc,
    brands: [],
    links,
    recurrence,
  };
  const input: InstanceInput & DefinitionRequest = {
    ...request,
    id,
    instance,
    name: request.instanceName,
    content: template.content,
    reason: '',
    status: startsAt === 0 ? 'draft' : '',
    effectiveTime: startsAt === 0 ? undefined : new Date(startsAt),
  };
  const { shown, rows } = await createDefinition(platform, instances, method.path, input, context, () => {
    if (template.status !== 'active') throw notActive(templates, request.templateId, template.status);
    if (endsAt !== 0 && endsAt <= Date.now()) throw endsEarly();
  });
  // Its game code works at once.
  potsDirectory(platform).changed();
  const [made] = await instanceMessages(platform, caller, [shown], rows);
  return { instance: made };
};

/** When an instance begins and ends, in milliseconds since 1970; 0: not by itself. Throws INVALID_ARGUMENT. */
function timesOf(schedule: Schedule | undefined): { readonly startsAt: number; readonly endsAt: number } {
  const { timestampStart: startsAt = 0, timestampEnd: endsAt = 0 } = schedule ?? {};
  if (!Number.isInteger(startsAt)) throw invalid('schedule.timestamp_start', 'must be a whole number');
  if (!Number.isInteger(endsAt)) throw invalid('schedule.timestamp_end', 'must be a whole number');
  if (endsAt !== 0 && endsAt <= startsAt) throw endsEarly();
  return { startsAt, endsAt };
}

const endsEarly = (): ApiError => invalid('schedule.timestamp_end', 'must be to come, and after timestamp_start');
