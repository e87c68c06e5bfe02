import {
  ContributionDraw,
  CycleStart,
  JackpotWonV2,
  PotDefinitionV2,
  PotFed,
  type JackpotContributedV2,
  type JackpotDefinitionV2,
} from '../../gen/ts/windfall/facts/v1/jackpot.ts';
import { PotPaid } from '../../gen/ts/windfall/facts/v1/jackpot_ends.ts';
import * as pots from '../../gen/ts/windfall/facts/v1/pots.ts';
import type { Golden } from './golden-facts.ts';
import { JACKPOT_ENDS_GOLDEN } from './golden-jackpot-ends.ts';
import { JACKPOT_GOLDEN } from './golden-jackpot.ts';
import { pot, POTS_GOLDEN, rules } from './golden-pots.ts';

export const WINS_GOLDEN: Readonly<Record<string, Golden>> = {
  PotsPayoutReleased: {
    message: pots.PotsPayoutReleased,
    data: { payout: 5n, player: 7n },
    hex: '08051007',
  },
  PotsPayoutRejected: {
    message: pots.PotsPayoutRejected,
    data: { payout: 5n, player: 7n, pot: 4n, amount: 9n, leaf: Buffer.from('abcd', 'hex') },
    hex: '08051007180420092a02abcd',
  },
};

const LIMITS = { minBaseWager: 300n, maxStarts: 4 };
const BARRED = { phase: 1, barred: true };

const payouts: pots.PotsPayouts = {
  number: 9n,
  linked: 'u',
  escrow: 4n,
  payouts: [{ player: 7n, amount: 5n, asset: 1n, paid: 6n, cause: 2 }],
  shares: [],
};

/** Fields that came with limits of pots, and with wins that are withheld. */
export const WINS_ADDED: Readonly<Record<string, Golden>> = {
  PotsTemplatePot: {
    message: pots.PotsTemplatePot,
    data: { ...pot, ...LIMITS },
    hex: '0a046d696e691206080510071801180220032804300138014001480150055806600768087001780980010a8801ac02900104',
  },
  PotDefinitionV2: {
    message: PotDefinitionV2,
    data: { ...(JACKPOT_GOLDEN['JackpotDefinitionV2']!.data as JackpotDefinitionV2).pots[0]!, ...LIMITS },
    hex:
      '080512046d61696e18a0c21e20a08d062864300338044001480150015800600168067007780880010988010a90010b98010c' +
      'a00101a801ac02b00104',
  },
  CycleStart: {
    message: CycleStart,
    data: { value: 100n, dueAt: 9n, terms: '{}', termsFrom: 10n, hiddenFrom: 8n, starts: 2 },
    hex: '086410091a027b7d200a28083002',
  },
  PotFed: {
    message: PotFed,
    data: { ...(JACKPOT_GOLDEN['JackpotContributedV2']!.data as JackpotContributedV2).pots[0]!, ...BARRED },
    hex: '08051028180a2002283230643804405a488c015002580a6003680270067801800101',
  },
  ContributionDraw: {
    message: ContributionDraw,
    data: { ...(JACKPOT_GOLDEN['JackpotContributedV2']!.data as JackpotContributedV2).draw!, baseWager: 5n },
    hex: '0a0a6a61636b706f742f303012013118022003280830013a02abcd4204303066664a036f776e50015a0277316005',
  },
  PotsRules: {
    message: pots.PotsRules,
    data: { ...rules, withholdAbove: 0n, withholdCountries: ['MT'] },
    hex:
      '08011206080510071801180322024d542a02554b32070a0345555210043a070a034555521009420608051007180148005202' + '4d54',
  },
  PotsContributed: {
    message: pots.PotsContributed,
    data: { ...POTS_GOLDEN['PotsContributed']!.data, country: 'MT' },
    hex:
      '0a01751203455552180520062a0967616d65726f756e643201723a05736c6f74734201704a170a01761210506c617965724e' +
      '6f744f70746564496e180150025a024d54',
  },
  PotsCalledBack: {
    message: pots.PotsCalledBack,
    data: { ...POTS_GOLDEN['PotsCalledBack']!.data, withheld: true },
    hex: '0a0968747470733a2f2f681a056d696e6f7220052a10506c617965724e6f744f70746564496e32027b7d3801',
  },
  'JackpotWonV2 withheld': {
    message: JackpotWonV2,
    data: { ...JACKPOT_GOLDEN['JackpotWonV2']!.data, withheld: true, payouts },
    hex:
      '080512046d61696e18022007288c0130033a0c086410091a027b7d200a2808403c481e500a58016a02abcd7205736f727279' +
      '8001018a011308091201751804220a08071005180120062802',
  },
  'PotPaid withheld': {
    message: PotPaid,
    data: { ...JACKPOT_ENDS_GOLDEN['PotPaid']!.data, payouts },
    hex:
      '0a5b081410051a046d61696e200228013004388c0140034828502758016206706f742f30306a013170027808820102abcd8a' +
      '0102abcd90010b980109a00106a80107b0010aba010c086410091a027b7d200a2808c0013cc8011ed0010a100c1807220430' +
      '3066662a083030303030303030301e382840014a1308091201751804220a08071005180120062802',
  },
};
