/** Who has opted in to which instance, from the calls that opted in and out, and from transfers that carry opt-ins. */

/** What a caller has chosen for a player. */
export interface Choice {
  readonly isIn: boolean;
  /** In micro-units; 0: what the instance asks for; undefined: what was wanted before. */
  readonly wanted: bigint | undefined;
}

/** A place in the journal. */
export interface Position {
  /** Microseconds since 1970. */
  readonly time: number;
  readonly operation: string;
}

/** An opt-in as it is from a place on. */
export interface OptInState extends Position {
  readonly isIn: boolean;
  readonly preferred: bigint;
  /** When the player chose so: earlier, if it was carried. */
  readonly changedAt: number;
  readonly isCarried: boolean;
}

interface Line {
  readonly states: OptInState[];
  /** How many choices of the caller are behind it. */
  next: number;
  /** The state that the last of them has made. */
  since: number;
}

interface Carry {
  readonly from: string;
  readonly to: string;
  /** Who had opted in when it began, and when. */
  readonly due: ReadonlyMap<string, number>;
  readonly carried: Set<string>;
  finished: boolean;
}

/** A batch takes seconds at the most. */
const OVERLAP_MICROS = 5_000_000;

export const optInName = (instance: string, player: string): string => `${instance}/${player}`;
const isAfter = (a: Position, b: Position): boolean =>
  a.time === b.time ? a.operation > b.operation : a.time > b.time;
const madeOf = ({ isIn, wanted }: Choice, state: OptInState | undefined): Pick<OptInState, 'isIn' | 'preferred'> => ({
  isIn,
  preferred: isIn && wanted !== undefined ? wanted : (state?.preferred ?? 0n),
});

/**
 * The opt-ins of all players along the journal. Of the facts it believes where they stand; what they say comes from the
 * choices of callers and from the opt-ins that are carried.
 */
export class ChoicesModel {
  readonly #told: ReadonlyMap<string, readonly Choice[]>;
  readonly #note: (problem: string) => void;
  readonly #lines = new Map<string, Line>();
  readonly #carries = new Map<number, Carry>();

  /** @param told what callers have chosen, in order, by `optInName`. */
  constructor(told: ReadonlyMap<string, readonly Choice[]>, note: (problem: string) => void) {
    this.#told = told;
    this.#note = note;
  }

  /** A player has opted in or out. @param preferred undefined: as before. */
  chosen(name: string, at: Position, isIn: boolean, preferred: bigint | undefined): void {
    const line = this.#line(name);
    const told = this.#told.get(name) ?? [];
    const state = line.states.at(-1);
    const is = { isIn, preferred: preferred ?? state?.preferred ?? 0n };
    const fits = (choice: Choice | undefined): boolean => {
      if (choice === undefined) return false;
      const should = madeOf(choice, state);
      return should.isIn === is.isIn && should.preferred === is.preferred;
    };
    let next = line.next;
    while (next < told.length && !fits(told[next]) && this.#changedNothing(line, told[next]!)) next += 1;
    // A call that was sent again after a carry may find that there is something to change again.
    const again = line.states.length > line.since + 1 && fits(told[line.next - 1]);
    if (fits(told[next])) line.next = next + 1;
    else if (!again) this.#note(`opt-in ${name} is ${isIn} ${is.preferred} at ${at.operation}: nobody chose that`);
    line.states.push({ ...at, ...is, changedAt: at.time, isCarried: false });
    line.since = line.states.length - 1;
  }

  /** Opt-ins begin to be carried. */
  begun(id: number, from: string, to: string): void {
    const prefix = `${from}/`;
    const due = new Map<string, number>();
    for (const [name, { states }] of this.#lines) {
      const state = states.at(-1);
      if (state?.isIn === true && name.startsWith(prefix)) due.set(name.slice(prefix.length), state.changedAt);
    }
    this.#carries.set(id, { from, to, due, carried: new Set(), finished: false });
  }

  /** One is carried. */
  carried(id: number, player: string, at: Position, preferred: bigint, chosenAt: number): void {
    const { from, to, carried } = this.#carries.get(id)!;
    const [source, target] = [this.#line(optInName(from, player)), this.#line(optInName(to, player))];
    const [state, before] = [source.states.at(-1), target.states.at(-1)];
    const what = `${player} is carried from ${from} to ${to} by ${id}`;
    if (state?.isIn !== true) this.#note(`${what}, and has not opted in`);
    if (state?.preferred !== preferred || state.changedAt !== chosenAt)
      this.#note(`${what} with ${preferred} of ${chosenAt}, the model has ${state?.preferred} of ${state?.changedAt}`);
    if (before !== undefined && before.changedAt >= chosenAt) this.#note(`${what}, against a later choice`);
    if (carried.has(player)) this.#note(`${what} twice`);
    carried.add(player);
    target.states.push({ ...at, preferred, isIn: true, changedAt: chosenAt, isCarried: true });
  }

  /** All are carried: whoever had opted in before, and has chosen nothing since, is there with it. */
  finished(id: number): void {
    const carry = this.#carries.get(id)!;
    const { from, to, due } = carry;
    if (carry.finished) this.#note(`${id} carries from ${from} to ${to} to its end twice`);
    carry.finished = true;
    for (const [player, chosenAt] of due) {
      const state = this.now(optInName(from, player))!;
      if (!state.isIn || state.changedAt !== chosenAt) continue;
      if ((this.now(optInName(to, player))?.changedAt ?? 0) < chosenAt)
        this.#note(`the opt-in of ${player} was not carried from ${from} to ${to} by ${id}`);
    }
  }

  /** How many each has carried. After the last fact. */
  end(): ReadonlyMap<number, number> {
    for (const [name, told] of this.#told) {
      const line = this.#line(name);
      for (const choice of told.slice(line.next))
        if (!this.#changedNothing(line, choice)) this.#note(`opt-in ${name}: ${choice.isIn} ${choice.wanted} is lost`);
    }
    for (const [id, { from, to, finished }] of this.#carries)
      if (!finished) this.#note(`${id} never ends to carry from ${from} to ${to}`);
    return new Map([...this.#carries].map(([id, { carried }]) => [id, carried.size]));
  }

  /** All that there are. */
  get names(): Iterable<string> {
    return this.#lines.keys();
  }

  /** After the last fact; undefined: the player has never chosen. */
  now(name: string): OptInState | undefined {
    return this.#lines.get(name)?.states.at(-1);
  }

  /**
   * At a place of the journal; undefined: there is none. What is not there yet cannot be locked: who looked for it
   * while a transfer made it may not have seen it. @param seen whether it was.
   */
  at(name: string, place: Position, seen: boolean): OptInState | undefined {
    const states = this.#lines.get(name)?.states ?? [];
    const [first] = states;
    if (!seen && first?.isCarried === true && place.time - first.time < OVERLAP_MICROS) return undefined;
    return states.findLast((state) => !isAfter(state, place));
  }

  /** Whether a player was out at any time between two, in microseconds. */
  wasOut(name: string, from: number, to: number): boolean {
    const states = this.#lines.get(name)?.states ?? [];
    const first = states.findLastIndex(({ time }) => time <= from);
    return first === -1 || states.slice(first).some(({ time, isIn }) => !isIn && time <= to);
  }

  #line(name: string): Line {
    let line = this.#lines.get(name);
    if (line === undefined) this.#lines.set(name, (line = { states: [], next: 0, since: 0 }));
    return line;
  }

  /** Whether a choice was already so, at any time since the caller's last one that changed something. */
  #changedNothing({ states, since }: Line, choice: Choice): boolean {
    return states.slice(since).some((state) => {
      const { isIn, preferred } = madeOf(choice, state);
      return isIn === state.isIn && preferred === state.preferred;
    });
  }
}
