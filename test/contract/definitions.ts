import type { JsonObject } from '@bufbuild/protobuf';

export const BOX: JsonObject = { prizes: [{ segment_label: 'sure', asset: 'WINZ', amount: '1', weight: 1 }] };
export const POT: JsonObject = { asset: 'USD', seed_usd: '10' };
export const GAME: JsonObject = { ...BOX, kind: 'wheel' };
export const JOURNEY: JsonObject = { steps: [{ trigger: 'signup' }, { trigger: 'wager' }], reward_winz: 5 };
export const RAFFLE: JsonObject = { prize_winz: 5 };

export const TEMPLATE: JsonObject = {
  name: 'A template',
  owner_id: 'demo',
  currency: 'USD',
  contribution_rules: { contribution_type: { Fixed: 0.1 }, operator_contribution_percentage: 1 },
  house_hold_contribution: { Percentage: 0.5 },
  pots: [
    {
      id: 'main',
      contribution: { Percentage: 0.5 },
      seed_strategy: { initial_seed_value: 10 },
      supports_external_trigger: true,
    },
  ],
};

/** What makes the template that of a raffle, whose tickets cost 0.04. */
export const RAFFLE_RULES: JsonObject = {
  jackpot_type: 'Raffle',
  raffle_rules: { ticket_cost: 0.04, winners: [{ count: 1, percentage: 1 }] },
  pots: [{ id: 'main', contribution: { Percentage: 0.5 }, seed_strategy: { initial_seed_value: 10 } }],
};

export const TOURNAMENT: JsonObject = { prize_pool: { asset: 'WINZ', amount: '10' } };
