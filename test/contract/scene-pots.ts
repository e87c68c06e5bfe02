import type { JsonObject } from '@bufbuild/protobuf';
import { RAFFLE_RULES, TEMPLATE } from './definitions.ts';
import type { Scene } from './scene.ts';

type Ask = (as: string, rpc: string, request: JsonObject) => Promise<any>;

/** Stores and publishes a template of the operator. */
export async function makeTemplate(scene: Scene, ask: Ask): Promise<string> {
  const id = scene.unique('template');
  await ask('admin', 'TemplateService.SaveTemplate', { template: { ...TEMPLATE, id } });
  await ask('admin', 'TemplateService.PublishTemplate', { owner_id: 'demo', template_id: id });
  return id;
}

/** Makes an active instance of the template. */
export async function makeInstance(scene: Scene, ask: Ask): Promise<string> {
  const { id } = await ask('admin', 'TemplateService.InstantiateTemplate', {
    template_owner_id: 'demo',
    template_id: await scene.template(),
    instance_owner_id: 'demo',
    instance_name: scene.unique('instance'),
  });
  await ask('admin', 'InstanceService.SetInstanceStatus', { instance_id: id, status: 'Active' });
  return id;
}

/** Makes another instance of the template, and pauses it. */
export async function makePaused(scene: Scene, ask: Ask): Promise<string> {
  const id = await makeInstance(scene, ask);
  await ask('admin', 'InstanceService.SetInstanceStatus', { instance_id: id, status: 'Paused' });
  return id;
}

/** Makes an active raffle, and contributes for the scene's player. */
export async function makeRaffle(scene: Scene, ask: Ask): Promise<string> {
  const template_id = scene.unique('raffle');
  await ask('admin', 'TemplateService.SaveTemplate', { template: { ...TEMPLATE, ...RAFFLE_RULES, id: template_id } });
  await ask('admin', 'TemplateService.PublishTemplate', { owner_id: 'demo', template_id });
  const { id } = await ask('admin', 'TemplateService.InstantiateTemplate', {
    template_id,
    template_owner_id: 'demo',
    instance_owner_id: 'demo',
    instance_name: scene.unique('raffle'),
  });
  await ask('admin', 'InstanceService.SetInstanceStatus', { instance_id: id, status: 'Active' });
  await ask('service', 'ContributionService.Contribute', {
    target: { type: 'instance', id },
    owner_id: 'demo',
    player: { id: scene.player, token: 't', country: 'MT', brand_id: 'main' },
    base_wager: { currency: 'USD', value: 1 },
    idempotency_key: scene.unique('ticket'),
  });
  return id;
}

/** Opts the scene's player in to the instance. Returns the player's user id. */
export async function optIn(scene: Scene, ask: Ask): Promise<string> {
  await ask('service', 'InstanceService.SetOptIn', {
    instance_id: await scene.instance(),
    player_id: scene.player,
    brand_id: 'demo:main',
    player_country: 'MT',
    opt_in: true,
  });
  return scene.player;
}

/** Sets multipliers. Returns their owner. */
export async function setCurrencies(scene: Scene, ask: Ask): Promise<string> {
  const brand_id = 'demo:main';
  const multipliers = { [scene.unique('C').toUpperCase().replaceAll('-', '')]: 2 };
  await ask('admin', 'CurrencyService.SetCurrencies', { brand_id, base_currency: 'EUR', multipliers });
  return brand_id;
}

/** Adds a source that leads to the scene's instance. */
export async function makeSource(scene: Scene, ask: Ask): Promise<string> {
  const source_id = scene.unique('led');
  const jackpots = [{ instance_id: await scene.instance(), priority: 0 }];
  const source = { owner_id: 'demo', source_id, source_name: scene.unique('Led'), jackpots };
  await ask('admin', 'SourceService.AddSources', { items: [source] });
  return source_id;
}

/** Adds a segment that leads to the scene's instance. */
export async function makeSegment(scene: Scene, ask: Ask): Promise<string> {
  const id = scene.unique('segment');
  const jackpots = [{ instance_id: await scene.instance(), priority: 0 }];
  await ask('admin', 'SegmentService.AddSegments', { items: [{ owner_id: 'demo', id, priority: 0, jackpots }] });
  return id;
}

/** As requests name a withheld win. */
export interface Withheld {
  readonly instance_id: string;
  readonly gameround_id: string;
}

/** Makes an instance that withholds each win, and triggers its pot for the scene's player. */
export async function withhold(scene: Scene, ask: Ask): Promise<Withheld> {
  const id = scene.unique('withholding');
  const rules = { contribution_type: { Fixed: 0.1 }, withhold_above: 0 };
  await ask('admin', 'TemplateService.SaveTemplate', { template: { ...TEMPLATE, id, contribution_rules: rules } });
  await ask('admin', 'TemplateService.PublishTemplate', { owner_id: 'demo', template_id: id });
  const { id: instance_id } = await ask('admin', 'TemplateService.InstantiateTemplate', {
    template_owner_id: 'demo',
    template_id: id,
    instance_owner_id: 'demo',
    instance_name: id,
  });
  await ask('admin', 'InstanceService.SetInstanceStatus', { instance_id, status: 'Active' });
  await ask('service', 'InstanceService.TriggerPot', {
    instance_id,
    pot_id: 'main',
    brand_id: 'demo:main',
    player_id: scene.player,
    source_id: 'machine',
    idempotency_key: id,
  });
  const [{ gameround_id }] = await ask('service', 'WithheldWinService.ListWithheldWins', { instance_id });
  return { instance_id, gameround_id };
}
