import type { JsonObject } from '@bufbuild/protobuf';
import { micros } from './jackpot-pot-model.ts';

/** A part of a pot's wins that players besides the winner get. */
export interface CommunityTerms {
  readonly strategy: 'ActivePlayers' | 'HighestLifetimeContributor' | 'HighestContributionPerWin';
  readonly percentage: string;
  readonly count: number;
}

/** As a template has it. Windows are longer than a run. */
export const communityPayout = ({ strategy, percentage, count }: CommunityTerms): JsonObject => ({
  percentage: Number(percentage),
  strategy: { [strategy]: { count, ...(strategy === 'ActivePlayers' ? { window_ms: 86_400_000 } : {}) } },
});

export interface ShareModel {
  readonly player: string;
  readonly amount: bigint;
}

interface Contributed {
  readonly player: string;
  readonly amount: bigint;
}

/** Whom the pots of an instance share their wins with: all players are kept, and sorted at each win. */
export class CommunityModel {
  readonly #terms: Readonly<Record<string, readonly CommunityTerms[]>>;
  readonly #lifetime = new Map<string, bigint>();
  /** By pot. */
  readonly #sinceWin = new Map<string, Map<string, bigint>>();
  /** The last one is the last. */
  #active: string[] = [];
  /** A contribution that may win: then it is drawn before it counts. */
  #open: Contributed | null = null;

  constructor(terms: Readonly<Record<string, readonly CommunityTerms[]>> = {}) {
    this.#terms = terms;
    for (const pot of Object.keys(terms)) this.#sinceWin.set(pot, new Map());
  }

  contributed(player: string, amount: bigint): void {
    this.#count();
    this.#open = { player, amount };
  }

  /** What players besides the winner get. @param own whether the last contribution has won it. */
  won(pot: string, value: bigint, winner: string, own: boolean, isOut: (player: string) => boolean): ShareModel[] {
    if (!own) this.#count();
    const shares = (this.#terms[pot] ?? []).flatMap(({ strategy, percentage, count }) => {
      const all = this.#orderOf(strategy, pot).slice(0, 2 * count + 1);
      const chosen = all.filter((player) => player !== winner && !isOut(player)).slice(0, count);
      const part = (value * micros(percentage)) / 1_000_000n;
      const amount = chosen.length === 0 ? 0n : part / BigInt(chosen.length);
      return amount === 0n ? [] : chosen.map((player) => ({ player, amount }));
    });
    this.#count();
    this.#sinceWin.get(pot)?.clear();
    return shares;
  }

  /** The money of a pot has gone to another instance, and it starts again. */
  emptied(pot: string): void {
    this.#count();
    this.#sinceWin.get(pot)?.clear();
  }

  #orderOf(strategy: CommunityTerms['strategy'], pot: string): string[] {
    if (strategy === 'ActivePlayers') return this.#active.toReversed();
    const sums = strategy === 'HighestLifetimeContributor' ? this.#lifetime : this.#sinceWin.get(pot)!;
    // Maps keep the order in which sums were reached, and sorting keeps it.
    return [...sums].toSorted(([, a], [, b]) => Number(b - a)).map(([player]) => player);
  }

  #count(): void {
    if (this.#open === null) return;
    const { player, amount } = this.#open;
    this.#open = null;
    this.#active = [...this.#active.filter((one) => one !== player), player];
    for (const sums of [this.#lifetime, ...this.#sinceWin.values()]) {
      const sum = (sums.get(player) ?? 0n) + amount;
      sums.delete(player);
      sums.set(player, sum);
    }
  }
}
