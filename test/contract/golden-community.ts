import { PotDefinitionV2, type JackpotDefinitionV2 } from '../../gen/ts/windfall/facts/v1/jackpot.ts';
import { PotClosed } from '../../gen/ts/windfall/facts/v1/jackpot_ends.ts';
import * as pots from '../../gen/ts/windfall/facts/v1/pots.ts';
import * as optIns from '../../gen/ts/windfall/facts/v1/pots_opt_in.ts';
import type { Golden } from './golden-facts.ts';
import { JACKPOT_ENDS_GOLDEN } from './golden-jackpot-ends.ts';
import { JACKPOT_GOLDEN } from './golden-jackpot.ts';
import { OPT_IN_GOLDEN } from './golden-opt-ins.ts';
import { pot, POTS_GOLDEN } from './golden-pots.ts';

const payout: pots.PotsCommunityPayout = { percentage: 200_000n, strategy: 1, count: 2, windowMs: 300n };
const player: pots.PotsCommunityPlayer = { player: 7n, country: 'MT' };
const list: pots.PotsCommunityList = { percentage: 200_000n, count: 2, players: [player] };
const sizes: pots.PotsCommunitySizes = { active: 5, lifetime: 3, perWin: [0, 7] };
const share: pots.PotsSettledShare = { payout: 5n, player: 7n, amount: 9n, withheld: true };
const shares: pots.PotsPayouts = {
  number: 9n,
  linked: '',
  escrow: 4n,
  payouts: [],
  shares: [{ player: 7n, amount: 5n, asset: 1n, paid: 5n, cause: 4 }],
};

/** The bytes of what players besides the winner get: see golden-facts.ts. */
export const COMMUNITY_GOLDEN: Readonly<Record<string, Golden>> = {
  PotsCommunityPayout: {
    message: pots.PotsCommunityPayout,
    data: payout,
    hex: '08c09a0c1001180220ac02',
  },
  PotsCommunityPlayer: {
    message: pots.PotsCommunityPlayer,
    data: player,
    hex: '080712024d54',
  },
  PotsCommunityList: {
    message: pots.PotsCommunityList,
    data: list,
    hex: '08c09a0c10021a06080712024d54',
  },
  PotsCommunitySizes: {
    message: pots.PotsCommunitySizes,
    data: sizes,
    hex: '080510031a020007',
  },
  PotsSettledShare: {
    message: pots.PotsSettledShare,
    data: share,
    hex: '0805100718092001',
  },
  PotsSharesPaid: {
    message: pots.PotsSharesPaid,
    data: { versionId: 10n, gameround: 'u', shares: [share] },
    hex: '080a1201751a080805100718092001',
  },
};

/** Fields that came with them. */
export const COMMUNITY_ADDED: Readonly<Record<string, Golden>> = {
  'PotsTemplatePot community': {
    message: pots.PotsTemplatePot,
    data: { ...pot, community: [payout] },
    hex:
      '0a046d696e691206080510071801180220032804300138014001480150055806600768087001780980010a9a010b08c09a0c' +
      '1001180220ac02',
  },
  'PotDefinitionV2 community': {
    message: PotDefinitionV2,
    data: {
      ...(JACKPOT_GOLDEN['JackpotDefinitionV2']!.data as JackpotDefinitionV2).pots[0]!,
      community: [payout],
    },
    hex:
      '080512046d61696e18a0c21e20a08d062864300338044001480150015800600168067007780880010988010a90010b98010c' +
      'a00101ba010b08c09a0c1001180220ac02',
  },
  'PotsContributed community': {
    message: pots.PotsContributed,
    data: { ...POTS_GOLDEN['PotsContributed']!.data, community: sizes },
    hex:
      '0a01751203455552180520062a0967616d65726f756e643201723a05736c6f74734201704a170a01761210506c617965724e' +
      '6f744f70746564496e180150026208080510031a020007',
  },
  'PotsPayouts shares': {
    message: pots.PotsPayouts,
    data: shares,
    hex: '080918042a0a08071005180120052804',
  },
  'PotClosed community': {
    message: PotClosed,
    data: { ...JACKPOT_ENDS_GOLDEN['PotClosed']!.data, community: [list] },
    hex:
      '081410051a046d61696e200228013004388c0140034828502758016206706f742f30306a013170027808820102abcd8a0102' +
      'abcd90010b980109a00106a80107b0010aba010c086410091a027b7d200a2808c0013cc8011ed0010ada010e08c09a0c1002' +
      '1a06080712024d54',
  },
  'PotsOptInSet community': {
    message: optIns.PotsOptInSet,
    data: { ...OPT_IN_GOLDEN['PotsOptInSet']!.data, community: true },
    hex: '080710ac0218e907200128e0a7124001',
  },
  'PotsOptInsSet community': {
    message: optIns.PotsOptInsSet,
    data: { ...OPT_IN_GOLDEN['PotsOptInsSet']!.data, community: true },
    hex: '080710e90718012203ac02052a03ad0206320200013801',
  },
  'PotsOptInsCarried community': {
    message: optIns.PotsOptInsCarried,
    data: { ...OPT_IN_GOLDEN['PotsOptInsCarried']!.data, community: true },
    hex: '080710ac021a1608ac02100118ad0220e90728e0a7123080a0f1c2b13420012801',
  },
};
