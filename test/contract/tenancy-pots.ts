import type { JsonObject } from '@bufbuild/protobuf';
import { TEMPLATE, type Scene } from './scene.ts';
import type { Entry } from './tenancy-things.ts';

const OWNER = 'demo';
const saved = (scene: Scene): JsonObject => ({ ...TEMPLATE, id: scene.unique('saved') });
const template = async (scene: Scene): Promise<JsonObject> => ({ template_id: await scene.template() });

/** See tenancy-table.ts. */
export const POTS_ENTRIES: Readonly<Record<string, Entry>> = {
  'TemplateService.ListTemplates': {
    names: ['owner'],
    request: async (scene) => ({ owner_id: OWNER, id: await scene.template() }),
  },
  'TemplateService.SaveTemplate': {
    names: ['owner'],
    request: (scene) => ({ template: saved(scene), idempotency_key: scene.unique('save') }),
    open: true,
  },
  'TemplateService.PublishTemplate': {
    names: ['owner', 'template'],
    request: async (scene) => ({ ...(await template(scene)), owner_id: OWNER }),
  },
  'TemplateService.GetRequiredContribution': {
    names: [],
    request: (scene) => ({ template_id: 'any', template: saved(scene) }),
    open: true,
  },
  'TemplateService.GetTemplate': { names: ['template'], request: template },
};
