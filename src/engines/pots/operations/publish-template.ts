import { TemplateServiceService } from '../../../../gen/ts/windfall/pots/v1/template.ts';
import { notFound } from '../../../catalogue/index.ts';
import type { OperationOf } from '../../../platform/index.ts';
import { updateDefinition } from '../../kit/index.ts';
import { ownerOf } from '../owner.ts';
import { findTemplate } from '../template-found.ts';
import { templates } from '../templates.ts';

const { path } = TemplateServiceService.publishTemplate;

/** Publishes a template, or withdraws it. */
export const publishTemplate: OperationOf<typeof TemplateServiceService.publishTemplate> =
  (platform) =>
  async ({ ownerId, templateId: id, publish = true }, context) => {
    const { caller } = context;
    const brand = ownerOf(await platform.tenants.of(caller.operator), caller, ownerId);
    const { status, content } = await findTemplate(platform, caller, id);
    if (Number(content.brand) !== brand) throw notFound(templates, id);
    // A draft is not published: there is nothing to withdraw.
    if (!publish && status === 'draft') return { nothing: undefined };
    const change = { id, brand, status: publish ? 'active' : 'paused', idempotencyKey: '', reason: '' } as const;
    await updateDefinition(platform, templates, path, change, context);
    return { nothing: undefined };
  };
