import { DefinitionNoted } from '../../gen/ts/windfall/facts/v1/facts.ts';
import { JackpotContributedV2, JackpotDefinitionV2, JackpotWonV2 } from '../../gen/ts/windfall/facts/v1/jackpot.ts';
import * as pots from '../../gen/ts/windfall/facts/v1/pots.ts';
import { PotsOptInSet } from '../../gen/ts/windfall/facts/v1/pots_opt_in.ts';
import type { Golden } from './golden-facts.ts';
import { JACKPOT_ENDS_GOLDEN } from './golden-jackpot-ends.ts';
import { JACKPOT_GOLDEN } from './golden-jackpot.ts';
import { OPT_IN_GOLDEN } from './golden-opt-ins.ts';

const share: pots.PotsShare = { fixed: 5n, percentage: 7n, isFixed: true };
export const rules: pots.PotsRules = {
  optInRequired: true,
  contribution: share,
  operatorShare: 3n,
  allowedCountries: ['MT'],
  blacklistedCountries: ['UK'],
  minContribution: [{ currency: 'EUR', amount: 4n }],
  maxContribution: [{ currency: 'EUR', amount: 9n }],
  house: share,
  withholdAbove: undefined,
  withholdCountries: [],
};
export const pot: pots.PotsTemplatePot = {
  code: 'mini',
  share,
  seedShare: 2n,
  initialValue: 3n,
  seed: 4n,
  collectAlways: true,
  reseedMinimum: true,
  fixed: true,
  externalDrop: true,
  hitCost: 5n,
  hitOdds: 6n,
  mustDropValue: 7n,
  mustDropSeconds: 8n,
  mustDropHidden: true,
  minContribution: 9n,
  maxValue: 10n,
  minBaseWager: 0n,
  maxStarts: 0,
  community: [],
};

export const POTS_GOLDEN: Readonly<Record<string, Golden>> = {
  PotsTemplate: {
    message: pots.PotsTemplate,
    data: {
      name: 'A template',
      description: 'of pots',
      brand: 1001n,
      currency: 'EUR',
      rules,
      pots: [pot],
      selector: 'Lowest',
      raffle: undefined,
    },
    hex:
      '0a0a412074656d706c61746512076f6620706f747318e90722034555522a2e08011206080510071801180322024d542a0255' +
      '4b32070a0345555210043a070a0345555210094206080510071801322b0a046d696e69120608051007180118022003280430' +
      '0138014001480150055806600768087001780980010a3a064c6f77657374',
  },
  PotsInstance: {
    message: pots.PotsInstance,
    data: {
      brand: 1001n,
      template: 'three',
      templateId: 9n,
      gameCode: 'code',
      description: 'of pots',
      rules,
      selector: 'None',
      brands: [1001n, 1002n],
      startsAt: 5n,
      endsAt: 6n,
      links: ['u'],
      recurrence: [],
      raffle: undefined,
    },
    hex:
      '08e9071205746872656518092204636f64652a076f6620706f7473322e08011206080510071801180322024d542a02554b32' +
      '070a0345555210043a070a03455552100942060805100718013a044e6f6e654204e907ea07480550065a0175',
  },
  PotsContributed: {
    message: pots.PotsContributed,
    data: {
      instance: 'u',
      currency: 'EUR',
      paid: 5n,
      optIn: 6n,
      sourceType: 'gameround',
      sourceId: 'r',
      vertical: 'slots',
      provider: 'p',
      refused: [{ instance: 'v', cause: 'PlayerNotOptedIn', place: 1 }],
      place: 2,
      country: '',
      community: undefined,
    },
    hex:
      '0a01751203455552180520062a0967616d65726f756e643201723a05736c6f74734201704a170a01761210506c617965724e' +
      '6f744f70746564496e18015002',
  },
  PotsCalledBack: {
    message: pots.PotsCalledBack,
    data: {
      url: 'https://h',
      contributed: undefined,
      winPot: 'minor',
      winAmount: 5n,
      cause: 'PlayerNotOptedIn',
      metadata: '{}',
      tickets: undefined,
      withheld: false,
    },
    hex: '0a0968747470733a2f2f681a056d696e6f7220052a10506c617965724e6f744f70746564496e32027b7d',
  },
  PotsListed: {
    message: pots.PotsListed,
    data: { kind: 2, name: 'A', brand: 1001n, template: 9n, gameCode: '', jackpot: 0n },
    hex: '080212014118e9072009',
  },
  PotsWon: {
    message: pots.PotsWon,
    data: { source: 'casino', metadata: '{}', rates: [{ currency: 'EUR', multiplier: 0.85 }] },
    hex: '0a06636173696e6f12027b7d1a0e0a0345555211333333333333eb3f',
  },
  PotsShown: {
    message: pots.PotsShown,
    data: {
      listing: 9n,
      head: 4n,
      status: 2,
      instance: 'u',
      currency: 'EUR',
      pots: [{ code: 'minor', value: 5n, fixed: true }],
      owner: 1001n,
      brands: [1001n],
      sources: ['casino'],
      startsAt: 6n,
      endsAt: 7n,
      isRaffle: false,
    },
    hex: '0809100418022201752a03455552320b0a056d696e6f721005180138e9074202e9074a06636173696e6f50065807',
  },
};

/** Fields that came with instances: unset ones leave the bytes as they were. */
export const POTS_ADDED: Readonly<Record<string, Golden>> = {
  JackpotDefinitionV2: {
    message: JackpotDefinitionV2,
    data: { ...JACKPOT_GOLDEN['JackpotDefinitionV2']!.data, instance: POTS_GOLDEN['PotsInstance']!.data },
    hex: `${JACKPOT_GOLDEN['JackpotDefinitionV2']!.hex}3a5e${POTS_GOLDEN['PotsInstance']!.hex}`,
  },
  JackpotContributedV2: {
    message: JackpotContributedV2,
    data: { ...JACKPOT_GOLDEN['JackpotContributedV2']!.data, instance: POTS_GOLDEN['PotsContributed']!.data },
    hex: `${JACKPOT_GOLDEN['JackpotContributedV2']!.hex}423f${POTS_GOLDEN['PotsContributed']!.hex}`,
  },
  PotsInstance: {
    message: pots.PotsInstance,
    data: {
      ...POTS_GOLDEN['PotsInstance']!.data,
      recurrence: [{ interval: 2, weekdays: [0, 6], windows: [{ from: 36_000, to: 79_199 }] }],
    },
    hex: `${POTS_GOLDEN['PotsInstance']!.hex}62100802120200061a0808a0990210dfea04`,
  },
  PotsListed: {
    message: pots.PotsListed,
    data: { ...POTS_GOLDEN['PotsListed']!.data, gameCode: 'code', jackpot: 7n },
    hex: `${POTS_GOLDEN['PotsListed']!.hex}2a04636f64653007`,
  },
  PotsShown: {
    message: pots.PotsShown,
    data: { ...POTS_GOLDEN['PotsShown']!.data, isRaffle: true },
    hex: `${POTS_GOLDEN['PotsShown']!.hex}6001`,
  },
  PotsOptInSet: {
    message: PotsOptInSet,
    data: { ...OPT_IN_GOLDEN['PotsOptInSet']!.data, contributions: 2n, contributed: 5n },
    hex: `${OPT_IN_GOLDEN['PotsOptInSet']!.hex}30023805`,
  },
  JackpotWonV2: {
    message: JackpotWonV2,
    data: { ...JACKPOT_GOLDEN['JackpotWonV2']!.data, instance: POTS_GOLDEN['PotsWon']!.data },
    hex: `${JACKPOT_GOLDEN['JackpotWonV2']!.hex}7a1c${POTS_GOLDEN['PotsWon']!.hex}`,
  },
  DefinitionNoted: {
    message: DefinitionNoted,
    data: { ...JACKPOT_ENDS_GOLDEN['DefinitionNoted']!.data, subject: 'minor value', before: '1', after: '2' },
    hex: `${JACKPOT_ENDS_GOLDEN['DefinitionNoted']!.hex}2a0b6d696e6f722076616c75653201313a0132`,
  },
};
