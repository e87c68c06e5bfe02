import * as optIns from '../../gen/ts/windfall/facts/v1/pots_opt_in.ts';
import type { Golden } from './golden-facts.ts';

/** The bytes of opt-ins: see golden-facts.ts. */
export const OPT_IN_GOLDEN: Readonly<Record<string, Golden>> = {
  PotsOptInSet: {
    message: optIns.PotsOptInSet,
    data: {
      jackpot: 7n,
      player: 300n,
      brand: 1001n,
      optedIn: true,
      preferred: 300_000n,
      contributions: 0n,
      contributed: 0n,
      community: false,
    },
    hex: '080710ac0218e907200128e0a712',
  },
  PotsOptInsSet: {
    message: optIns.PotsOptInsSet,
    data: {
      jackpot: 7n,
      brand: 1001n,
      optedIn: true,
      optIns: [300n, 5n],
      players: [301n, 6n],
      made: [false, true],
      community: false,
    },
    hex: '080710e90718012203ac02052a03ad020632020001',
  },
  PotsOptInsTransferBegun: {
    message: optIns.PotsOptInsTransferBegun,
    data: { from: 300n, to: 5n, reason: 'closing' },
    hex: '08ac0210051a07636c6f73696e67',
  },
  PotsOptInsCarried: {
    message: optIns.PotsOptInsCarried,
    data: {
      jackpot: 7n,
      position: 300n,
      optIns: [
        { row: 300n, made: true, player: 301n, brand: 1001n, preferred: 300_000n, chosenAt: 1_800_000_000_000n },
      ],
      finished: true,
      community: false,
    },
    hex: '080710ac021a1608ac02100118ad0220e90728e0a7123080a0f1c2b1342001',
  },
};
