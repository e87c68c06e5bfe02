import { PotsTemplate } from '../../../gen/ts/windfall/facts/v1/pots.ts';
import type { JackpotTemplate } from '../../../gen/ts/windfall/pots/v1/template.ts';
import { defineDefinition, type VersionName } from '../../catalogue/index.ts';
import { listed } from './entities.ts';
import { listing } from './listing.ts';
import { templateOf } from './template-input.ts';
import { templateMessage } from './template-view.ts';

/** A template that is to be stored; without content its status alone changes. */
export interface TemplateInput {
  readonly template?: JackpotTemplate | undefined;
  readonly brand: number;
}

/** Templates: drafts until they are published, paused when they are withdrawn. */
export const templates = defineDefinition<
  PotsTemplate,
  VersionName,
  TemplateInput,
  TemplateInput,
  ReturnType<typeof templateMessage>
>({
  engine: 'template',
  nouns: { one: 'Template', many: 'Templates' },
  reasons: { notFound: 'TEMPLATE_NOT_FOUND', notActive: 'TEMPLATE_NOT_PUBLISHED' },
  format: 1,
  encode: (content) => PotsTemplate.encode(content).finish(),
  read: (_, bytes) => PotsTemplate.decode(bytes),
  create: ({ template, brand }) => templateOf(template!, brand),
  update: (before, { template, brand }) => (template === undefined ? before : templateOf(template, brand)),
  configHash: () => Buffer.alloc(0),
  bind({ content, ...name }, tenant) {
    tenant.assetNo(content.currency);
    return name;
  },
  show: ({ content }) => templateMessage(content),
  following: listing<PotsTemplate>(({ name, brand }) => ({
    kind: listed.template,
    name,
    brand,
    template: 0n,
    gameCode: '',
    jackpot: 0n,
  })),
});
