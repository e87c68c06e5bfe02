import type { JsonObject } from '@bufbuild/protobuf';
import { TEMPLATE } from '../../contract/definitions.ts';
import type { Caller, Write } from '../writes.ts';

/** An active instance; its id. */
async function instanceOf(caller: Caller, name = caller.id, changes: JsonObject = {}): Promise<string> {
  await caller.done('TemplateService.SaveTemplate', 'admin', { template: { ...TEMPLATE, ...changes, id: name } });
  await caller.done('TemplateService.PublishTemplate', 'admin', { owner_id: 'demo', template_id: name });
  const made = await caller.done('TemplateService.InstantiateTemplate', 'admin', {
    template_owner_id: 'demo',
    template_id: name,
    instance_owner_id: 'demo',
    instance_name: name,
    instance_game_code: name,
  });
  const instance_id = String(made['id']);
  await caller.done('InstanceService.SetInstanceStatus', 'admin', { instance_id, status: 'Active' });
  return instance_id;
}

/** As the request of an opt-in names an active instance. */
const opting = async (caller: Caller): Promise<JsonObject> => ({
  instance_id: await instanceOf(caller),
  player_id: caller.id,
  brand_id: 'demo:main',
  player_country: 'MT',
  opt_in: true,
});

const found = async (caller: Caller): Promise<string> => {
  const [first] = (await caller.done('InstanceService.ListInstances', 'admin', {
    name: caller.id,
  })) as unknown as any[];
  return first.id;
};
/** Pauses the caller's instance: nothing that is repeated could be done now. */
const paused = async (caller: Caller): Promise<void> => {
  await caller.done('InstanceService.SetInstanceStatus', 'admin', {
    instance_id: await found(caller),
    status: 'Paused',
  });
};
/** A win that its instance has withheld. */
async function withheld(caller: Caller): Promise<JsonObject> {
  const rules = { contribution_type: { Fixed: 0.1 }, withhold_above: 0 };
  const instance_id = await instanceOf(caller, caller.id, { contribution_rules: rules });
  await caller.done('InstanceService.TriggerPot', 'service', {
    instance_id,
    pot_id: 'main',
    brand_id: 'demo:main',
    player_id: caller.id,
    source_id: 'machine',
    idempotency_key: caller.id,
  });
  const [win] = (await caller.done('WithheldWinService.ListWithheldWins', 'admin', {
    instance_id,
  })) as unknown as any[];
  return { instance_id, gameround_id: win.gameround_id, reason: 'test' };
}
const adjusted = async (caller: Caller): Promise<JsonObject> => ({
  instance_id: await instanceOf(caller),
  pot_id: 'main',
  adjustment: 50,
  reason: 'test',
});
const first = async (caller: Caller): Promise<JsonObject> => {
  await instanceOf(caller);
  return {
    token: 't',
    brand_id: 'demo:main',
    player_id: caller.id,
    player_country: 'MT',
    base_wager: 1,
    currency: 'USD',
  };
};
const contribution = (prepare: Write['prepare']): Write => ({
  as: 'service',
  operation: 'pots.contribute',
  prepare,
  change: paused,
});
const adjustment: Write = { as: 'admin', operation: 'jackpot.adjust-pot', prepare: adjusted, change: paused };

/** The writes of pots. */
export const POTS_WRITES: Readonly<Record<string, Write>> = {
  'InstanceService.SetOptIn': {
    as: 'service',
    operation: 'pots.opt-in',
    prepare: opting,
    async change(caller) {
      const [mine] = (await caller.done('InstanceService.ListPlayerOptIns', 'service', {
        player_id: caller.id,
        brand_id: 'demo:main',
      })) as unknown as readonly { readonly instance_id: string }[];
      await caller.done('InstanceService.SetOptIn', 'service', {
        instance_id: mine!.instance_id,
        player_id: caller.id,
        brand_id: 'demo:main',
        player_country: 'MT',
        opt_in: false,
      });
    },
  },
  'InstanceService.AdjustPot': adjustment,
  'InstanceService.AdjustSeed': adjustment,
  'InstanceService.AdjustSurplusSeed': adjustment,
  'InstanceService.TriggerPot': {
    as: 'service',
    operation: 'pots.trigger',
    change: paused,
    prepare: async (caller) => ({
      instance_id: await instanceOf(caller),
      pot_id: 'main',
      brand_id: 'demo:main',
      player_id: caller.id,
      source_id: 'machine',
    }),
  },
  'WithheldWinService.ReleaseWithheldWin': {
    as: 'admin',
    operation: 'pots.release-payout',
    prepare: withheld,
    change: paused,
  },
  'WithheldWinService.RejectWithheldWin': {
    as: 'admin',
    operation: 'pots.reject-payout',
    prepare: withheld,
    change: paused,
  },
  'InstanceService.TransferPots': {
    as: 'admin',
    operation: 'jackpot.transfer-pot',
    async prepare(caller) {
      const target = await instanceOf(caller, `target-of-${caller.id}`.slice(0, 64));
      const source = await instanceOf(caller);
      await caller.done('InstanceService.SetInstanceStatus', 'admin', { instance_id: source, status: 'Paused' });
      return {
        source_instance_id: source,
        target_instance_id: target,
        user_id: caller.id,
        transfer_optins: false,
        pot_rules: [{ source_pot: 'main', target_pot: { main: 1 } }],
        reason: 'test',
      };
    },
    async change(caller) {
      await caller.done('InstanceService.SetInstanceStatus', 'admin', {
        instance_id: await found(caller),
        status: 'Terminated',
      });
    },
  },
  'ContributionService.Contribute': contribution(async (caller) => ({
    target: { type: 'instance', id: await instanceOf(caller) },
    owner_id: 'demo',
    player: { id: caller.id, token: 't', country: 'MT', brand_id: 'main' },
    base_wager: { currency: 'USD', value: 1 },
  })),
  'ContributionService.ContributeToInstance': contribution(async (caller) => ({
    ...(await first(caller)),
    instance_id: await found(caller),
  })),
  'ContributionService.ContributeByProvider': contribution(async (caller) => ({
    ...(await first(caller)),
    instance_id: await found(caller),
    provider_id: 'p',
    game_code: 'g',
  })),
  'ContributionService.ContributeToSource': contribution(async (caller) => ({
    ...(await first(caller)),
    source_id: caller.id,
  })),
  'TemplateService.SaveTemplate': {
    as: 'admin',
    operation: 'template.create',
    prepare: async () => ({ template: TEMPLATE }),
    change: async () => undefined,
  },
  'TemplateService.InstantiateTemplate': {
    as: 'admin',
    operation: 'jackpot.create',
    async prepare(caller) {
      const { id } = caller;
      await caller.done('TemplateService.SaveTemplate', 'admin', { template: { ...TEMPLATE, id } });
      await caller.done('TemplateService.PublishTemplate', 'admin', { owner_id: 'demo', template_id: id });
      return { template_owner_id: 'demo', template_id: id, instance_owner_id: 'demo', instance_name: id };
    },
    async change(caller) {
      await caller.done('InstanceService.SetInstanceStatus', 'admin', {
        instance_id: await found(caller),
        status: 'Active',
      });
    },
  },
};
