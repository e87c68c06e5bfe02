import * as facts from '../../gen/ts/windfall/facts/v1/journey.ts';
import type { Golden } from './golden-facts.ts';

const badge = { kind: 2, asset: '', amount: 0n, item: 'badge', quantity: 1n, expiresAfterSeconds: 60n };

/** See golden-facts.ts. */
export const JOURNEY_GOLDEN: Readonly<Record<string, Golden>> = {
  JourneyDefinition: {
    message: facts.JourneyDefinition,
    data: {
      journey: 5n,
      name: 'Welcome',
      steps: [
        {
          trigger: 'wager',
          name: 'Bet',
          conditions: [
            { attribute: 'amount', op: 'gte', value: 2.5 },
            { attribute: 'game', op: 'in', value: ['slots', 7] },
            { attribute: 'bonus', op: 'exists', value: false },
          ],
          delaySeconds: 60,
          expireSeconds: 3600,
          rewards: [badge],
        },
      ],
      rewardWinz: 500_000_000n,
      rewards: [badge],
    },
    hex:
      '0805120757656c636f6d651a730a05776167657212034265741a180a06616d6f756e7412036774651a09110000000000' +
      '0004401a220a0467616d651202696e1a1632140a071a05736c6f74730a09110000000000001c401a130a05626f6e7573' +
      '12066578697374731a022000203c28901c320d0802220562616467652801303c2080cab5ee012a0d0802220562616467' +
      '652801303c',
  },
  JourneyOpened: {
    message: facts.JourneyOpened,
    data: { journey: 5n, definition: 9n, place: 3, dueAt: 1_795_000_000_000_000n },
    hex: '0805100918032080e0fc8ab0919803',
  },
  JourneyAdvanced: {
    message: facts.JourneyAdvanced,
    data: {
      definition: 9n,
      place: 3,
      version: 2,
      code: 'welcome',
      name: 'Welcome',
      steps: 3,
      player: 7n,
      brand: 1001n,
      action: 2,
      currentStep: 3,
      winz: 500_000_000n,
      rewards: [badge],
      granted: [
        { grant: 7n, player: 7n, kind: 2, item: 'badge', quantity: 1n, expiresAt: 0n, definition: 9n, brand: 0n },
      ],
    },
    hex:
      '080910031802220777656c636f6d652a0757656c636f6d653003380740e907480250035880cab5ee01620d0802220562' +
      '616467652801303c6a110807100718022205626164676528013809',
  },
  DormantPaged: {
    message: facts.DormantPaged,
    data: { dueAt: 1_795_000_000_000_000n, after: 7n },
    hex: '0880e0fc8ab09198031007',
  },
};
