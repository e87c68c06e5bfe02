/**
 * Jackpots as the contract describes them, one call after another, in whole micro-units: written without the engine's
 * rules, so that both must be wrong in the same way to agree.
 */
import type { JackpotTerms } from './jackpot-catalogue.ts';
import { least, PotModel, type Portion } from './jackpot-pot-model.ts';

export class JackpotModel {
  readonly terms: JackpotTerms;
  readonly pots: readonly PotModel[];
  house = 0n;
  contributions = 0;
  contributed = 0n;
  archived = false;

  constructor(terms: JackpotTerms) {
    this.terms = terms;
    this.pots = terms.pots.map((pot) => new PotModel(pot));
  }

  pot(code: string): PotModel {
    const pot = code === '' && this.pots.length === 1 ? this.pots[0] : this.pots.find((one) => one.code === code);
    if (pot === undefined) throw new Error(`${this.terms.id} has no pot ${code}`);
    return pot;
  }

  /** It is archived: all hidden ends are void with their seeds. */
  end(): void {
    this.archived = true;
    for (const pot of this.pots) pot.unveiled = true;
  }

  /**
   * Divides a contribution. Returns what each pot got of it; what they left is the house's.
   * @param won the pots that chance lets it win.
   */
  contribute(
    player: string,
    amount: bigint,
    won: ReadonlySet<string>,
  ): { readonly house: bigint; readonly portions: readonly Portion[] } {
    let left = amount;
    const fixed = this.pots.map((pot) => {
      const part = least(pot.fixed, left);
      left -= part;
      return part;
    });
    const parts = this.pots.map((pot, i) => fixed[i]! + pot.fractionOf(left));
    const passed = this.#passedOver(
      this.pots.map((pot, i) => ({ pot, to: pot.wouldBe(amount, parts[i]!).value })),
      won,
    );
    const portions = this.pots.map((pot, i) => pot.take(player, amount, parts[i]!, !passed.has(pot)));
    const house = portions.reduce((left, { value, reserve }) => left - value - reserve, amount);
    this.house += house;
    this.contributions += 1;
    this.contributed += amount;
    return { house, portions };
  }

  /** The pots whose turn does not come: with "highest" those of lower value than the one that is won. */
  #passedOver(
    pots: readonly { readonly pot: PotModel; readonly to: bigint }[],
    won: ReadonlySet<string>,
  ): ReadonlySet<PotModel> {
    if (this.terms.win_selector === 'all') return new Set();
    const order = pots.toSorted((a, b) => (a.to === b.to ? 0 : a.to > b.to ? -1 : 1)).map(({ pot }) => pot);
    const first = order.findIndex(({ code }) => won.has(code));
    return new Set(first === -1 ? [] : order.slice(first + 1));
  }

  /** What the pots would pay now. */
  get pool(): bigint {
    return this.pots.reduce((sum, { value }) => sum + value, 0n);
  }

  /** The balance of its account. */
  get balance(): bigint {
    return this.pots.reduce((sum, { held }) => sum + held, this.house);
  }
}
