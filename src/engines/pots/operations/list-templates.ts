import { TemplateServiceService } from '../../../../gen/ts/windfall/pots/v1/template.ts';
import { findDefinitions, shownOf, statusNumber } from '../../../catalogue/index.ts';
import { read } from '../../../platform/index.ts';
import { findListed } from '../listing.ts';
import { isVisible, ownerOf } from '../owner.ts';
import { templateMessages } from '../template-found.ts';
import { templates } from '../templates.ts';

const LIMIT = 50;
const PUBLISHED = [statusNumber('active')];
const UNPUBLISHED = [statusNumber('draft'), statusNumber('paused')];

/** Lists the operator's templates. */
export const listTemplates = read(
  TemplateServiceService.listTemplates,
  (platform) =>
    async ({ ownerId, id, name, published, sortField, sortDirection, page, limit }, { caller }) => {
      const { operator } = caller;
      const tenant = await platform.tenants.of(operator);
      const ids = await findListed(platform.reads, operator, templates.engine, {
        name,
        page,
        kind: 'template',
        brandId: ownerId === '' ? null : ownerOf(tenant, caller, ownerId),
        codes: id === '' ? null : [id],
        statuses: published === '' ? null : published === 'true' ? PUBLISHED : UNPUBLISHED,
        sort: sortField === 'name' ? 'name' : 'code',
        descending: sortDirection < 0,
        limit: limit || LIMIT,
      });
      const found = await findDefinitions(platform.reads, operator, ids);
      const shown = found.map((one) => shownOf(templates, one));
      const visible = shown.filter(({ content }) => isVisible(caller, Number(content.brand)));
      return { templates: await templateMessages(platform, caller, visible) };
    },
);
