import type { JsonObject } from '@bufbuild/protobuf';
import type { JackpotTerms, PotTerms } from './jackpot-catalogue.ts';
import { micros } from './jackpot-pot-model.ts';
import { communityPayout, type CommunityTerms } from './pots-community.ts';
import type { RaffleTerms } from './pots-raffle-model.ts';

/** An instance, as its model and its template have it. */
export interface InstanceTerms extends Omit<JackpotTerms, 'win_selector'> {
  readonly selector: 'None' | 'Highest';
  readonly optIn: boolean;
  /** What a contribution costs: an amount of the instance's currency, or a part of the wager. */
  readonly price: { readonly Fixed: string } | { readonly Percentage: string };
  /** The instances that it is linked to, by name. */
  readonly links: readonly string[];
  /** Wins above it, and wins of players from these countries, are withheld. */
  readonly withhold?: { readonly above?: string; readonly countries?: readonly string[] };
  /** Whether it takes contributions within `Windows` only. */
  readonly windows?: boolean;
  /** What pots share with players besides the winner, by pot. */
  readonly community?: Readonly<Record<string, readonly CommunityTerms[]>>;
  /** Tickets alone win its pots. */
  readonly raffle?: RaffleTerms;
}

const external = { external_drop: {} };
const minor: PotTerms = {
  id: 'minor',
  fraction: '0.35',
  seed_share: '0.25',
  seed: '4',
  win_rules: [external, { hit_rate: { cost: '0.5', odds: 400 } }],
};

/** The last players who contributed. */
const LAST: CommunityTerms = { strategy: 'ActivePlayers', percentage: '0.2', count: 3 };

/**
 * Where callers contribute: `main`, and with it `opted` and `rising`; behind the source `casino` are `main` and
 * `spare`. The pots of `opted` are drawn in the order of their values, and stop at bounds. `lots` and `wagers` are
 * raffles, of what is contributed and of wagers.
 */
export const INSTANCES: readonly InstanceTerms[] = [
  {
    id: 'main',
    asset: 'USD',
    operator_share: '0.25',
    selector: 'None',
    optIn: false,
    price: { Percentage: '0.1' },
    links: ['opted', 'rising'],
    withhold: { above: '12', countries: ['XX'] },
    community: { minor: [LAST], major: [LAST] },
    pots: [
      minor,
      {
        id: 'major',
        fraction: '0.4',
        seed_share: '0.1',
        seed: '25',
        reseed_strategy: 'minimum',
        win_rules: [{ hit_rate: { cost: '2', odds: 900 } }],
      },
    ],
  },
  {
    id: 'opted',
    asset: 'USD',
    operator_share: '0',
    selector: 'Highest',
    optIn: true,
    price: { Fixed: '0.3' },
    links: [],
    withhold: { countries: ['XX'] },
    community: {
      minor: [
        { strategy: 'HighestLifetimeContributor', percentage: '0.15', count: 2 },
        { strategy: 'HighestContributionPerWin', percentage: '0.1', count: 3 },
      ],
      brim: [{ strategy: 'HighestContributionPerWin', percentage: '0.333333', count: 1 }],
    },
    pots: [
      minor,
      { id: 'brim', fraction: '0.3', seed_share: '0.2', seed: '2', win_rules: [{ must_drop_value: { value: '12' } }] },
      { id: 'bound', fraction: '0.3', seed: '5', win_rules: [{ must_drop_value: { value: '40' } }] },
    ],
  },
  {
    id: 'rising',
    asset: 'EUR',
    operator_share: '0.5',
    selector: 'None',
    optIn: false,
    price: { Percentage: '0.05' },
    links: ['wagers'],
    windows: true,
    community: { minor: [LAST] },
    pots: [
      {
        ...minor,
        fund_strategy: 'collect_always',
        max_value: '9',
        min_contribution: '0.02',
      },
      { id: 'fixed', fraction: '0.3', seed: '3', fixed_value: true, win_rules: [external] },
    ],
  },
  {
    id: 'spare',
    asset: 'USD',
    operator_share: '1',
    selector: 'None',
    optIn: false,
    price: { Percentage: '0.2' },
    links: ['lots'],
    withhold: { above: '3', countries: ['XX'] },
    community: { minor: [LAST], major: [LAST] },
    pots: [minor, { id: 'major', fraction: '0.5', win_rules: [external] }],
  },
  {
    id: 'lots',
    asset: 'USD',
    operator_share: '0.3',
    selector: 'None',
    optIn: false,
    price: { Percentage: '0.1' },
    links: [],
    raffle: {
      cost: '0.37',
      ofWager: false,
      seconds: 2,
      winners: [
        [1, '0.5'],
        [3, '0.3'],
      ],
    },
    pots: [
      { id: 'prize', fraction: '0.5', seed_share: '0.2', seed: '20' },
      { id: 'extra', fraction: '0.2', seed_share: '0.4', seed: '3', reseed_strategy: 'minimum' },
    ],
  },
  {
    id: 'wagers',
    asset: 'EUR',
    operator_share: '0',
    selector: 'None',
    optIn: false,
    price: { Fixed: '0.25' },
    links: [],
    raffle: { cost: '7', ofWager: true, seconds: 3, winners: [[2, '1']] },
    pots: [{ id: 'prize', fraction: '0.9', seed: '5', max_value: '40' }],
  },
];

export const termsOf = (name: string): InstanceTerms => INSTANCES.find(({ id }) => id === name)!;

/** What a unit of US dollars is worth. */
export const RATES: Readonly<Record<string, number>> = { USD: 1, EUR: 0.85, WINZ: 11.75 };
export const CURRENCIES = Object.keys(RATES);
const rate = (currency: string): bigint => BigInt(Math.round(RATES[currency]! * 1e9));
export const converted = (amount: bigint, from: string, to: string): bigint =>
  from === to ? amount : (amount * rate(to)) / rate(from);

/** What a contribution costs: in the wager's currency, and in the instance's. @param preferred 0: nothing. */
export function priceOf(
  { price, asset }: InstanceTerms,
  wager: bigint,
  currency: string,
  preferred: bigint,
): { readonly paid: bigint; readonly amount: bigint } {
  if ('Fixed' in price) {
    const amount = preferred === 0n ? micros(price.Fixed) : preferred;
    return { amount, paid: converted(amount, asset, currency) };
  }
  const paid = (wager * micros(price.Percentage)) / 1_000_000n;
  return { paid, amount: converted(paid, currency, asset) };
}

const number = (text = '0'): number => Number(text);

/** The template of an instance. */
export function templateOf({
  id,
  asset,
  operator_share: share,
  selector,
  optIn,
  price,
  pots,
  withhold,
  raffle,
  community,
}: InstanceTerms): JsonObject {
  const left = 1_000_000n - pots.reduce((sum, { fraction }) => sum + micros(fraction!), 0n);
  return {
    id,
    name: id,
    owner_id: 'demo',
    currency: asset,
    contribution_rules: {
      opt_in_required: optIn,
      contribution_type: 'Fixed' in price ? { Fixed: number(price.Fixed) } : { Percentage: number(price.Percentage) },
      operator_contribution_percentage: number(share),
      ...(withhold?.above === undefined ? {} : { withhold_above: number(withhold.above) }),
      withhold_countries: [...(withhold?.countries ?? [])],
    },
    ...(raffle === undefined ? {} : { jackpot_type: 'Raffle', raffle_rules: raffleRules(raffle) }),
    house_hold_contribution: { Percentage: Number(left) / 1e6 },
    win_selector_strategy: selector,
    pots: pots.map((pot) => ({
      ...potOf(pot),
      community_payouts: (community?.[pot.id] ?? []).map(communityPayout),
    })),
  };
}

const raffleRules = ({ cost, ofWager, seconds, winners }: RaffleTerms): JsonObject => ({
  ticket_cost: number(cost),
  ticket_cost_basis: ofWager ? 'BaseWager' : 'Contribution',
  duration: { Seconds: seconds },
  recurring: true,
  winners: winners.map(([count, share]) => ({ count, percentage: number(share) })),
});

function potOf(pot: PotTerms): JsonObject {
  const rules = pot.win_rules ?? [];
  return {
    id: pot.id,
    contribution: { Percentage: number(pot.fraction) },
    seed_contribution: { Percentage: number(pot.seed_share) },
    seed_strategy: {
      initial_seed_value: number(pot.seed),
      min_reseed_value: number(pot.seed),
      fund_strategy: pot.fund_strategy === 'collect_always' ? 'CollectAlways' : 'CollectToMinReseed',
      reseed_strategy: pot.reseed_strategy === 'minimum' ? 'MinReseed' : 'Full',
    },
    is_progressive: pot.fixed_value !== true,
    supports_external_trigger: rules.some((rule) => 'external_drop' in rule),
    pot_types: rules.flatMap((rule): JsonObject[] => {
      if ('hit_rate' in rule)
        return [{ HitRate: { cost_per_attempt: number(rule.hit_rate.cost), max_magic_number: rule.hit_rate.odds } }];
      return 'must_drop_value' in rule ? [{ MustDropByValue: { max_value: number(rule.must_drop_value.value) } }] : [];
    }),
    ...(pot.max_value === undefined ? {} : { max_pot_value: number(pot.max_value) }),
    ...(pot.min_contribution === undefined ? {} : { criteria: { min_contribution: number(pot.min_contribution) } }),
  };
}
