import { isLocked, type AccountId } from './account.ts';
import type { FactMetadata, Fact } from './fact.ts';
import { readFact } from './operation.ts';
import type { Register } from './register.ts';
import { State } from './state.ts';
import type { Table } from './table.ts';
import type { JournalTexts } from './verify-seals.ts';

/** A position in a journal. */
export interface Place {
  readonly tx: number;
  readonly operationId: string;
  readonly part: number;
}

/** A state in which every row can be edited: rows that were not seen yet are blank. */
class WholeState extends State {
  override edit<Row>(table: Table<Row>, id: number): Row {
    if (this.tables.get(table)?.has(id) !== true)
      this.put(table, table.blank(id) as { id: number; sequence: number }, true);
    return super.edit(table, id);
  }

  override create<Row>(table: Table<Row>, id: number): Row {
    return this.edit(table, id);
  }
}

interface Waiting {
  readonly fact: Fact;
  readonly at: FactMetadata;
}

/** The state that follows from an operator's journal, whose rows it is given in order. */
export class JournalFold {
  readonly state = new WholeState();
  /** The balances of the operator's own accounts, up to the follower's position. */
  readonly rolledUp = new Map<AccountId, bigint>();
  readonly #register: Register;
  readonly #follower: Place;
  readonly #note: (difference: string) => unknown;
  /** Facts that were read before their predecessors, by aggregate and sequence: the clock was set back between them. */
  readonly #waiting = new Map<string, Waiting>();
  #facts = 0;

  constructor(register: Register, follower: Place, note: (difference: string) => unknown) {
    this.#register = register;
    this.#follower = follower;
    this.#note = note;
  }

  /** Never throws: what cannot be read or folded is a difference. */
  take(row: JournalTexts): void {
    this.#facts += 1;
    try {
      this.#fold(row);
    } catch (error) {
      const { operationId, part } = row;
      this.#note(`journal: part ${part} of operation ${operationId} is no fact: ${(error as Error).message}`);
    }
  }

  #fold({
    operationId,
    part,
    kind,
    version,
    aggregate: of,
    transfers,
    fact: data,
    time,
    tx,
    sequence,
  }: JournalTexts): void {
    const columns = { kind, version, aggregate: of, transfers };
    const fact = readFact(this.#register, { ...columns, fact: Buffer.from(data, 'hex') });
    this.#move(fact, { tx: Number(tx), operationId, part: Number(part) });
    if (sequence === '0') return;
    const id = Number(of);
    const aggregate: Table<{ id: number; sequence: number }> = fact.kind.aggregate!;
    const key = (n: number): string => `${aggregate.number}/${id}/${n}`;
    const at = { time: Number(time), tx: Number(tx), aggregate: id, operationId };
    this.#waiting.set(key(Number(sequence)), { fact, at });
    for (;;) {
      const next = key(this.state.edit(aggregate, id).sequence + 1);
      const waiting = this.#waiting.get(next);
      if (waiting === undefined) return;
      this.#waiting.delete(next);
      this.state.fold(waiting.fact, waiting.at);
    }
  }

  /** Reports facts without a predecessor. Returns the number of facts. */
  finish(): number {
    for (const key of this.#waiting.keys()) this.#note(`journal: the facts before ${key} are missing`);
    return this.#facts;
  }

  /** Rolls the operator's own accounts up to the follower's position. */
  #move({ transfers }: Fact, { tx, operationId, part }: Place): void {
    const { tx: atTx, operationId: atId, part: atPart } = this.#follower;
    if (tx > atTx || (tx === atTx && (operationId > atId || (operationId === atId && part > atPart)))) return;
    const side = (id: AccountId, amount: bigint): void => {
      if (!isLocked(id)) this.rolledUp.set(id, (this.rolledUp.get(id) ?? 0n) + amount);
    };
    for (const { from, to, amount } of transfers) {
      side(from, -amount);
      side(to, amount);
    }
  }
}
