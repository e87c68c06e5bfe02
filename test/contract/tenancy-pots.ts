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

const adjustment = async (scene: Scene): Promise<JsonObject> => ({
  ...(await instance(scene)),
  pot_id: 'main',
  adjustment: 50,
  reason: 'test',
  idempotency_key: scene.unique('adjust'),
});
const first = (scene: Scene): JsonObject => ({
  token: 't',
  brand_id: 'demo:main',
  player_id: scene.player,
  player_country: 'MT',
  base_wager: 1,
  currency: 'USD',
  idempotency_key: scene.unique('first'),
});
const second = async (scene: Scene): Promise<JsonObject> => ({
  target: { type: 'instance', id: await scene.instance() },
  owner_id: OWNER,
  player: { id: scene.player, token: 't', country: 'MT', brand_id: 'main' },
  base_wager: { currency: 'USD', value: 1 },
  idempotency_key: scene.unique('second'),
});

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
  'InstanceService.SetOptIns': {
    names: ['owning brand', 'instance'],
    request: async (scene) => ({
      items: [{ ...(await instance(scene)), brand_id: OWN_BRAND, opt_ins: [], opt_outs: [await scene.optedIn()] }],
    }),
  },
  'InstanceService.UploadOptIns': {
    names: ['owning brand', 'instance'],
    request: async (scene) => {
      const line = `${await scene.instance()},${OWN_BRAND},${await scene.optedIn()},false\n`;
      return { data: Buffer.from(line).toString('base64') };
    },
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
  'InstanceService.SetInstanceLinks': {
    names: ['instance'],
    request: async (scene) => ({ ...(await instance(scene)), links: [] }),
  },
  'RaffleTicketService.ListInstanceTickets': {
    names: ['instance', 'owning brand'],
    request: async (scene) => ({ instance_id: await scene.potsRaffle(), brand_id: OWN_BRAND }),
  },
  'RaffleTicketService.ListInstanceTickets of all brands': {
    names: ['instance'],
    request: async (scene) => ({ instance_id: await scene.potsRaffle() }),
  },
  'RaffleTicketService.ListPlayerInstanceTickets': {
    names: ['instance', 'owning brand'],
    request: async (scene) => ({
      instance_id: await scene.potsRaffle(),
      brand_id: OWN_BRAND,
      player_id: scene.player,
    }),
  },
  'RaffleTicketService.ListPlayerTickets': {
    names: ['owning brand'],
    request: async (scene) => (await scene.potsRaffle(), { brand_id: OWN_BRAND, player_id: scene.player }),
  },
  'RaffleTicketService.ListRaffleEntries': {
    names: ['instance'],
    request: async (scene) => ({ instance_id: await scene.potsRaffle() }),
  },
  'ContributionService.ContributeToInstance': {
    names: ['owner', 'player', 'instance'],
    request: async (scene) => ({ ...(await instance(scene)), ...first(scene) }),
    createsPlayer: true,
  },
  'ContributionService.ContributeToSource': {
    names: ['owner', 'player', 'source'],
    request: async (scene) => ({ ...first(scene), source_id: await scene.source() }),
    createsPlayer: true,
  },
  'ContributionService.ContributeByProvider': {
    names: ['owner', 'player', 'instance'],
    request: async (scene) => ({ ...(await instance(scene)), ...first(scene), provider_id: 'p', game_code: 'g' }),
    createsPlayer: true,
  },
  'ContributionService.Contribute': {
    names: ['owner', 'player', 'instance'],
    request: second,
    createsPlayer: true,
  },
  'ContributionService.StreamContributions': {
    names: ['owner', 'player', 'instance'],
    request: async (scene) => ({ items: [await second(scene)] }),
    createsPlayer: true,
  },
  'ContributionService.BatchContribute': {
    names: ['owner', 'player', 'instance'],
    request: async (scene) => ({ items: [await second(scene)] }),
    createsPlayer: true,
  },
  'InstanceService.AdjustPot': { names: ['instance'], request: adjustment },
  'InstanceService.AdjustSeed': { names: ['instance'], request: adjustment },
  'InstanceService.AdjustSurplusSeed': { names: ['instance'], request: adjustment },
  'InstanceService.TriggerPot': {
    names: ['owner', 'player', 'instance'],
    request: async (scene) => ({
      ...(await instance(scene)),
      pot_id: 'main',
      brand_id: 'demo:main',
      player_id: scene.player,
      source_id: 'machine',
      idempotency_key: scene.unique('trigger'),
    }),
    createsPlayer: true,
  },
  'WithheldWinService.ListWithheldWins': {
    names: ['instance'],
    request: async (scene) => ({ instance_id: (await scene.withheld()).instance_id }),
  },
  'WithheldWinService.ReleaseWithheldWin': {
    names: ['withheld win'],
    request: async (scene) => ({ ...(await scene.withheld()), idempotency_key: scene.unique('release') }),
  },
  'WithheldWinService.RejectWithheldWin': {
    names: ['withheld win'],
    request: async (scene) => ({
      ...(await scene.withheld()),
      reason: 'test',
      idempotency_key: scene.unique('reject'),
    }),
  },
  'InstanceService.TransferPots': {
    names: ['instance'],
    request: async (scene) => ({
      source_instance_id: await scene.pausedInstance(),
      target_instance_id: await scene.instance(),
      user_id: 'somebody',
      transfer_optins: false,
      pot_rules: [{ source_pot: 'main', target_pot: { main: 1 } }],
      reason: 'test',
      idempotency_key: scene.unique('transfer'),
    }),
  },
};
