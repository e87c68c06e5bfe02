/** A pot as in the file of definitions; omitted fields have the contract's defaults. */
export interface PotTerms {
  readonly id: string;
  readonly fraction?: string;
  readonly fixed_amount?: string;
  readonly seed_share?: string;
  readonly seed?: string;
  readonly initial_seed?: string;
  readonly surplus_seed?: string;
  readonly fund_strategy?: 'collect_to_seed' | 'collect_always';
  readonly reseed_strategy?: 'full' | 'minimum';
  readonly fixed_value?: boolean;
  readonly max_value?: string;
  readonly max_step?: string;
  readonly min_contribution?: string;
  readonly win_rules?: readonly WinRule[];
}

export type WinRule =
  | { readonly external_drop: object }
  | { readonly hit_rate: { readonly cost: string; readonly odds: number } }
  | { readonly must_drop_value: { readonly value: string } }
  | { readonly must_drop_time: { readonly seconds: number; readonly hidden?: boolean } };

export interface JackpotTerms {
  readonly id: string;
  readonly asset: string;
  readonly operator_share: string;
  readonly win_selector: 'all' | 'highest';
  readonly pots: readonly PotTerms[];
}

export const ASSET = 'USD';
/** The jackpot whose players pay most of it themselves. */
export const PURSE = 'purse';
/** A pot of each jackpot that is never empty, so that a drop with a winner is never refused. */
export const SURE_POTS: Readonly<Record<string, string>> = { plain: 'main', odd: 'a', purse: 'main', chance: 'open' };

const common = { asset: ASSET, operator_share: '1', win_selector: 'all' } as const;

/** Jackpots that end with money in their pots, and begin again. */
const mortals = ['all', 'highest', 'all', 'highest'].map((selector, i): JackpotTerms => ({
  ...common,
  id: `mortal-${i}`,
  win_selector: selector as JackpotTerms['win_selector'],
  pots: [
    {
      id: 'box',
      fraction: '0.4',
      seed_share: '0.25',
      seed: '3',
      surplus_seed: '5',
      win_rules: [{ external_drop: {} }, { hit_rate: { cost: '1', odds: 200 } }],
    },
    {
      id: 'brim',
      fraction: '0.3',
      seed_share: '0.2',
      seed: '2',
      win_rules: [{ must_drop_value: { value: '12' } }],
    },
    {
      id: 'veil',
      fraction: '0.2',
      seed_share: '0.1',
      seed: '1',
      surplus_seed: '2',
      fund_strategy: 'collect_always',
      win_rules: [{ must_drop_time: { seconds: 4, hidden: true } }],
    },
  ],
}));
export const MORTAL: ReadonlySet<string> = new Set(mortals.map(({ id }) => id));

/**
 * Whole shares, odd and fixed ones with reserves and caps, one that players pay too, and one that is won by chance and
 * by time. Money goes only from one to a later one.
 */
export const JACKPOTS: readonly JackpotTerms[] = [
  ...mortals,
  { ...common, id: 'plain', pots: [{ id: 'main', seed: '100', win_rules: [{ external_drop: {} }] }] },
  {
    ...common,
    id: 'odd',
    pots: [
      {
        id: 'a',
        fraction: '0.333333',
        seed_share: '0.25',
        seed: '10',
        fund_strategy: 'collect_always',
        reseed_strategy: 'minimum',
      },
      {
        id: 'b',
        fraction: '0.1',
        seed_share: '0.5',
        seed: '3.333333',
        initial_seed: '1',
        surplus_seed: '20',
        max_value: '40',
      },
      { id: 'c', fixed_amount: '0.05', seed: '25', surplus_seed: '7.5', fixed_value: true },
      { id: 'd', fraction: '0.000007', seed_share: '0.5', fund_strategy: 'collect_always' },
    ],
  },
  {
    ...common,
    id: PURSE,
    operator_share: '0.3',
    pots: [
      { id: 'main', fraction: '0.6', seed: '5' },
      { id: 'side', fraction: '0.399999', seed_share: '0.3', seed: '2', reseed_strategy: 'minimum' },
    ],
  },
  {
    ...common,
    id: 'chance',
    win_selector: 'highest',
    pots: [
      {
        id: 'spark',
        fraction: '0.2',
        seed_share: '0.1',
        seed: '1',
        win_rules: [{ hit_rate: { cost: '0.5', odds: 500 } }],
      },
      {
        id: 'brim',
        fraction: '0.3',
        seed_share: '0.2',
        seed: '5',
        max_step: '0.8',
        min_contribution: '0.01',
        win_rules: [{ must_drop_value: { value: '20' } }],
      },
      { id: 'clock', fraction: '0.2', seed: '2', win_rules: [{ must_drop_time: { seconds: 3 } }] },
      { id: 'veil', fraction: '0.1', seed: '1', win_rules: [{ must_drop_time: { seconds: 2, hidden: true } }] },
      {
        id: 'open',
        fraction: '0.1',
        seed: '1',
        win_rules: [{ external_drop: {} }, { hit_rate: { cost: '1', odds: 5000 } }],
      },
    ],
  },
];

const numbered = (word: string, count: number): string[] => Array.from({ length: count }, (_, i) => `${word}-${i}`);

export const PLAYERS = numbered('player', 300);
/** Players who run out of money. */
export const POOR = numbered('poor', 40);
/** Players who do not. */
export const RICH = numbered('rich', 10);

/** What players of the purse begin with, in whole units. */
export const OPENINGS: ReadonlyMap<string, number> = new Map([
  ...POOR.map((user) => [user, 20] as const),
  ...RICH.map((user) => [user, 1_000_000_000] as const),
]);

/** All of it as a file of definitions; JSON is YAML too. */
export function catalogueFile(): string {
  const transfers = [...OPENINGS].map(([user, amount]) => ({
    idempotency_key: `opening-${user}`,
    source: { kind: 'operator' },
    destination: { kind: 'player', user_id: user },
    asset: ASSET,
    amount: String(amount),
  }));
  return JSON.stringify({ jackpots: JACKPOTS, transfers });
}
