import type { JsonObject } from '@bufbuild/protobuf';
import { TEMPLATE } from './definitions.ts';
import { POTS_CONFIG_ENTRIES } from './tenancy-pots-config.ts';
import type { Scene } from './scene.ts';
import type { Entry } from './tenancy-things.ts';

const OWNER = 'demo';
const saved = (scene: Scene): JsonObject => ({ ...TEMPLATE, id: scene.unique('saved') });
const template = async (scene: Scene): Promise<JsonObject> => ({ template_id: await scene.template() });

const instance = async (scene: Scene): Promise<JsonObject> => ({ instance_id: await scene.instance() });
const country = async (scene: Scene): Promise<JsonObject> => ({ ...(await instance(scene)), country_code: 'MT' });
const OWN_BRAND = 'demo:main';
/** A player of the first brand who has opted in. */
const optedIn = async (scene: Scene): Promise<JsonObject> => ({
  player_id: await scene.optedIn(),
  brand_id: OWN_BRAND,
});
const brand = async (scene: Scene): Promise<JsonObject> => ({ ...(await instance(scene)), brand_id: 'demo:main' });

/** See tenancy-table.ts. */
export const POTS_ENTRIES: Readonly<Record<string, Entry>> = {
  ...POTS_CONFIG_ENTRIES,
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
  'TemplateService.InstantiateTemplate': {
    names: ['owner', 'template'],
    request: async (scene) => ({
      ...(await template(scene)),
      template_owner_id: OWNER,
      instance_owner_id: OWNER,
      instance_name: scene.unique('made'),
      idempotency_key: scene.unique('made'),
    }),
  },
  'InstanceService.ListInstances': {
    names: ['owner'],
    request: async (scene) => ({ owner_id: OWNER, ids: await scene.instance() }),
  },
  'InstanceService.GetInstance': {
    names: ['owner', 'instance'],
    request: async (scene) => ({ ...(await instance(scene)), owner_id: OWNER }),
  },
  'InstanceService.GetInstance by its id': { names: ['instance'], request: instance },
  'InstanceService.ListInstanceChanges': { names: ['instance'], request: instance },
  'InstanceService.SetOptIn': {
    names: ['owning brand', 'instance'],
    request: async (scene) => ({
      ...(await instance(scene)),
      ...(await optedIn(scene)),
      player_country: 'MT',
      opt_in: true,
      contribution_value: '2.5',
      idempotency_key: scene.unique('opted'),
    }),
  },
  'InstanceService.ListPlayerOptIns': {
    names: ['owning brand'],
    request: async (scene) => ({ ...(await optedIn(scene)), opted_id: 'true' }),
  },
  'InstanceService.ListOptIns': {
    names: ['instance'],
    request: async (scene) => (await optedIn(scene), instance(scene)),
  },
  'InstanceService.UpdateInstance': {
    names: ['instance'],
    request: async (scene) => ({ ...(await instance(scene)), name: 'New' }),
  },
  'InstanceService.AssignBrand': { names: ['owning brand', 'instance'], request: brand },
  'InstanceService.RemoveBrand': { names: ['owning brand', 'instance'], request: brand },
  'InstanceService.AllowCountry': { names: ['instance'], request: country },
  'InstanceService.DisallowCountry': { names: ['instance'], request: country },
  'InstanceService.BlacklistCountry': { names: ['instance'], request: country },
  'InstanceService.UnblacklistCountry': { names: ['instance'], request: country },
  'InstanceService.SetInstanceStatus': {
    names: ['instance'],
    request: async (scene) => ({ ...(await instance(scene)), status: 'Paused' }),
  },
};
