import { TemplateServiceService } from '../../../gen/ts/windfall/pots/v1/template.ts';
import { defineEngine } from '../kit/index.ts';
import { potsListing, PotsListingSchema } from './entities.ts';
import { potsListed } from './listing.ts';
import { getRequiredContribution } from './operations/get-required-contribution.ts';
import { getTemplate } from './operations/get-template.ts';
import { listTemplates } from './operations/list-templates.ts';
import { publishTemplate } from './operations/publish-template.ts';
import { saveTemplate } from './operations/save-template.ts';
import { templates } from './templates.ts';

/** Jackpots with several pots, made from templates: the second face of the jackpot engine. */
export const potsEngine = defineEngine({
  name: 'pots',
  block: 1600,
  service: TemplateServiceService,
  definition: templates,
  operations: { listTemplates, saveTemplate, publishTemplate, getRequiredContribution, getTemplate },
  entities: [PotsListingSchema],
  tables: [potsListing],
  facts: [potsListed],
  draws: () => [],
});
