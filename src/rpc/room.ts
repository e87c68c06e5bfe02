/**
 * A bounded amount of something that clients hold. Each may hold a part of what is left: so there is always some left
 * for the next one, however many there are.
 */
export class Room {
  readonly #whole: number;
  readonly #held = new Map<string, number>();
  #all = 0;

  constructor(whole: number) {
    this.#whole = whole;
  }

  /** Returns whether there was that much for this name. */
  take(name: string, amount: number, part: number): boolean {
    const mine = (this.#held.get(name) ?? 0) + amount;
    if (mine > part * (this.#whole - this.#all)) return false;
    this.#all += amount;
    this.#held.set(name, mine);
    return true;
  }

  give(name: string, amount: number): void {
    const left = this.#held.get(name)! - amount;
    this.#all -= amount;
    if (left === 0) this.#held.delete(name);
    else this.#held.set(name, left);
  }
}
