/** What simulated templates pay, beside what theory says. */
import type { JackpotTemplate } from '../../gen/ts/windfall/pots/v1/template.ts';
import type { ContributionType, PotTemplate } from '../../gen/ts/windfall/pots/v1/types.ts';
import { bindJackpot, type Jackpot } from '../../src/engines/jackpot/bound.ts';
import { priceOf } from '../../src/engines/pots/contribution/price.ts';
import { termsOf } from '../../src/engines/pots/contribution/terms.ts';
import { NO_RATES } from '../../src/engines/pots/config/rates.ts';
import { instances } from '../../src/engines/pots/instances.ts';
import { templateOf } from '../../src/engines/pots/template-input.ts';
import {
  contribute,
  Draw,
  HmacKey,
  restart,
  type ContributionOutcome,
  type PotBefore,
} from '../../src/fairness/index.ts';
import { others } from './others.ts';

/** What of a template, and of a pot, is given. */
export interface Given extends Pick<JackpotTemplate, 'houseHoldContribution' | 'winSelectorStrategy'> {
  readonly contribution: ContributionType;
  readonly pots: readonly GivenPot[];
}
export type GivenPot = Partial<PotTemplate> & Pick<PotTemplate, 'id' | 'contribution' | 'potTypes' | 'seedStrategy'>;

export const KEY = new HmacKey(Buffer.alloc(32, 'statistics'));
const ZEROS = '0'.repeat(64);
/** So many that what a part is off is near a normal distribution, and few enough that each has many cycles. */
const PARTS = 100;

/** A pot before a contribution. */
export interface PotState extends PotBefore {
  readonly surplus: bigint;
}

/** What a pot paid, and what theory says of it, in micro-units: in parts, each of as many contributions. */
export class Returns {
  readonly pot: string;
  contributed = 0;
  paid = 0;
  expected = 0;
  wins = 0;
  #off = 0;
  #squares = 0;

  constructor(pot: string) {
    this.pot = pot;
  }

  /** Adds what a contribution, or a cycle, came to. @param paid 0: the pot was not won. */
  add(contributed: number, paid: number, expected: number): void {
    this.contributed += contributed;
    this.paid += paid;
    this.expected += expected;
    this.#off += paid - expected;
    if (paid > 0) this.wins += 1;
  }

  /** Ends a part. */
  part(): void {
    this.#squares += this.#off ** 2;
    this.#off = 0;
  }

  /**
   * How far it is off, in standard deviations. By theory what a part is off has mean 0, and parts are as good as
   * independent; so the sum over all of them has the sum of their squares as its variance.
   */
  get sigmas(): number {
    return (this.paid - this.expected) / Math.sqrt(this.#squares);
  }
}

/** A template, and what it pays. */
export interface Simulation {
  readonly name: string;
  /** Makes so many contributions. @param wrong what theory is multiplied with, to see that it is found. */
  run(contributions: number, wrong?: number): Promise<readonly Returns[]>;
}

const whole = ({ contribution, pots, ...given }: Given): JackpotTemplate => ({
  id: '',
  name: 'Simulated',
  ownerId: 'demo',
  currency: 'USD',
  jackpotType: 'Jackpot',
  raffleRules: undefined,
  referenceCount: 0,
  published: false,
  contributionRules: {
    optInRequired: false,
    contributionType: contribution,
    operatorContributionPercentage: 0,
    allowedCountries: [],
    blacklistedCountries: [],
    minContribution: [],
    maxContribution: [],
    withholdAbove: undefined,
    withholdCountries: [],
  },
  pots: pots.map((pot) => ({
    seedContribution: undefined,
    supportsExternalTrigger: false,
    criteria: undefined,
    communityPayouts: [],
    ...pot,
  })),
  ...given,
});

/** A version of an instance of a template, made as InstantiateTemplate makes it. */
export async function instanceOf(given: Given): Promise<Jackpot> {
  const content = templateOf(whole(given), 1);
  const instance = {
    brand: 0n,
    template: '',
    templateId: 0n,
    brands: [],
    links: [],
    recurrence: [],
    startsAt: 0n,
    endsAt: 0n,
  };
  let ids = 0;
  const input = { id: 'simulated', name: content.name, content, instance, refusal: null };
  const made = await instances.create(input, () => Promise.resolve(++ids));
  return bindJackpot({ content: made, definitionId: 1, code: 'simulated', version: 1, versionId: 1 }, 1);
}

/** What a contribution to an instance costs, in micro-units. @param wager in units. */
export function amountFor(instance: Jackpot, wager: number): bigint {
  const value = BigInt(Math.round(wager * 1e6));
  const price = priceOf(termsOf(instance), 'USD', { value, currency: 'USD', rates: NO_RATES, preferred: 0n });
  if (typeof price === 'string') throw new Error(price);
  return price.amount;
}

/** The pots of a new instance: those of the template, with the reserve that each cycle starts with. */
export const opened = ({ pots }: Jackpot): PotState[] =>
  pots.map(({ config: { seed } }) => ({ value: seed, reserve: 0n, surplus: 0n, drawnAt: seed }));

/** The pots after a contribution, and what each of them paid. @throws if money came from nowhere, or is lost. */
export function settled(
  { bound: { jackpot } }: Pick<Jackpot, 'bound'>,
  before: readonly PotState[],
  amount: bigint,
  outcome: ContributionOutcome,
): { readonly states: PotState[]; readonly paid: readonly bigint[] } {
  let added = amount - outcome.house;
  const states = outcome.pots.map(({ after, drawnAt, reserve, wonBy }, i): PotState => {
    const { surplus } = before[i]!;
    const held = before[i]!.reserve + reserve;
    if (wonBy === null) return { surplus, value: after, drawnAt, reserve: held };
    const next = restart(jackpot.pots[i]!, { surplus, reserve: held });
    added += next.deficit - after;
    return {
      value: next.value,
      drawnAt: next.value,
      reserve: held - next.fromReserve,
      surplus: surplus - next.fromSurplus,
    };
  });
  if (heldIn(states) !== heldIn(before) + added) throw new Error('money is lost');
  return { states, paid: outcome.pots.map(({ after, wonBy }) => (wonBy === null ? 0n : after)) };
}

const heldIn = (states: readonly PotState[]): bigint =>
  states.reduce((sum, { value, reserve, surplus }) => sum + value + reserve + surplus, 0n);

/** What theory expects a contribution to be paid, by pot: where it depends on the pots' values, with these. */
export type Theory = (states: readonly PotState[], amount: number) => readonly number[];

export interface Played {
  readonly template: Given;
  readonly theory: Theory;
  /** In units; one for all, or for each contribution. */
  readonly wager?: (random: number) => number;
}

/** Contributions one after another. */
export function played(name: string, { template, theory, wager = () => 1 }: Played): Simulation {
  return {
    name,
    async run(contributions, wrong = 1) {
      const instance = await instanceOf(template);
      const { jackpot, configHash } = instance.bound;
      const returns = instance.pots.map(({ code }) => new Returns(code));
      const random = others();
      let states = opened(instance);
      for (let nonce = 0; nonce < contributions; nonce++) {
        const amount = amountFor(instance, wager(random.next().value));
        const draw = drawAt(nonce, configHash);
        const expected = theory(states, Number(amount));
        const outcome = contribute(jackpot, states, amount, draw);
        const { paid, states: next } = settled(instance, states, amount, outcome);
        states = next;
        for (const [i, one] of returns.entries()) one.add(Number(amount), Number(paid[i]), expected[i]! * wrong);
        if ((nonce + 1) % Math.ceil(contributions / PARTS) === 0) for (const one of returns) one.part();
      }
      for (const one of returns) one.part();
      return returns;
    },
  };
}

const drawAt = (nonce: number, configHash: string): Draw =>
  new Draw({ serverSeed: KEY, clientSeed: `own\n${nonce}`, nonce, sub: 0, configHash: `${configHash}:${ZEROS}` });
