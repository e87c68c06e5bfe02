import { ApiError, MICROS_MAX, formatDecimal } from '../kernel/index.ts';
import { account, assetOfAccount, isLocked, kindOfAccount, move } from './account.ts';
import type { AccountId, AssetNo, StatementLine, Transfer } from './account.ts';
import type { FactMetadata, Fact, Rows } from './fact.ts';
import type { Table } from './table.ts';

interface Slot {
  readonly row: { readonly id: number; sequence: number };
  readonly locked: boolean;
  /** Whether it is not stored yet. */
  readonly fresh: boolean;
  dirty: boolean;
}

/** The rows that a batch, or `verify`, works on. Folds facts over them. */
export class State implements Rows {
  readonly tables = new Map<Table<any>, Map<number, Slot>>();
  /** Numbers of rows by their codes. */
  readonly #codes = new Map<Table<any>, Map<string, number>>();
  /** Rows that had no code when they were first edited. */
  readonly #uncoded = new Map<Table<any>, Slot['row'][]>();

  /** Adds a row. Only locked rows can be edited. */
  put(table: Table<any>, row: Slot['row'], locked: boolean): void {
    this.#add(table, { row, locked, dirty: false, fresh: false });
  }

  #add(table: Table<any>, slot: Slot): void {
    let slots = this.tables.get(table);
    if (slots === undefined) this.tables.set(table, (slots = new Map()));
    slots.set(slot.row.id, slot);
  }

  /** Notes the number of the row with a code. */
  name(table: Table<any>, code: string, id: number): void {
    let codes = this.#codes.get(table);
    if (codes === undefined) this.#codes.set(table, (codes = new Map()));
    codes.set(code, id);
  }

  /** The number of the row with a code: one that was noted, or one that got the code in this batch. */
  find(table: Table<any>, code: string): number | undefined {
    const uncoded = this.#uncoded.get(table);
    if (uncoded !== undefined) {
      for (const row of uncoded) this.name(table, codeOf(row), row.id);
      this.#uncoded.delete(table);
    }
    return code === '' ? undefined : this.#codes.get(table)?.get(code);
  }

  row<Row>(table: Table<Row>, id: number): Readonly<Row> {
    const slot = this.tables.get(table)?.get(id);
    if (slot === undefined) throw new Error(`${table.name} ${id} was not asked for`);
    return slot.row as Row;
  }

  has(table: Table<any>, id: number): boolean {
    return this.tables.get(table)?.has(id) === true;
  }

  edit<Row>(table: Table<Row>, id: number): Row {
    const slot = this.tables.get(table)?.get(id);
    if (slot === undefined || !slot.locked) throw new Error(`${table.name} ${id} is not locked`);
    slot.dirty = true;
    if (table.coded && codeOf(slot.row) === '') this.#noteUncoded(table, slot.row);
    return slot.row as Row;
  }

  create<Row>(table: Table<Row>, id: number): Row {
    if (this.has(table, id)) throw new Error(`${table.name} ${id} is not new`);
    const row = table.blank(id) as Slot['row'];
    this.#add(table, { row, locked: true, dirty: true, fresh: true });
    if (table.coded) this.#noteUncoded(table, row);
    return row as Row;
  }

  #noteUncoded(table: Table<any>, row: Slot['row']): void {
    const uncoded = this.#uncoded.get(table);
    if (uncoded === undefined) this.#uncoded.set(table, [row]);
    else uncoded.push(row);
  }

  /**
   * Folds a fact: sequence, evolve, then its transfers in order. Returns the fact's sequence in its aggregate, and the
   * statement lines of players' accounts.
   */
  fold(fact: Fact, at: FactMetadata): { sequence: number; lines: StatementLine[] } {
    const { aggregate, evolve, name } = fact.kind;
    if (aggregate === null) throw new Error(`${name} is no fact of a command`);
    const head = (fact.creates === true ? this.create(aggregate, fact.id) : this.edit(aggregate, fact.id)) as {
      sequence: number;
    };
    head.sequence += 1;
    evolve(fact.data, this, at);
    const lines: StatementLine[] = [];
    for (const { from, to, amount } of fact.transfers) {
      this.#side(from, -amount, lines);
      this.#side(to, amount, lines);
    }
    return { sequence: head.sequence, lines };
  }

  #side(id: AccountId, amount: bigint, lines: StatementLine[]): void {
    if (!isLocked(id)) return;
    const line = move(this.edit(account, id), amount);
    if (line !== null) lines.push(line);
  }

  /** Every stored row that was edited, by table. */
  dirty(): Map<Table<any>, Slot['row'][]> {
    return this.#select(({ dirty, fresh }) => dirty && !fresh);
  }

  /** Every new row, by table. */
  created(): Map<Table<any>, Slot['row'][]> {
    return this.#select(({ fresh }) => fresh);
  }

  #select(wanted: (slot: Slot) => boolean): Map<Table<any>, Slot['row'][]> {
    const out = new Map<Table<any>, Slot['row'][]>();
    for (const [table, slots] of this.tables) {
      const rows: Slot['row'][] = [];
      for (const slot of slots.values()) if (wanted(slot)) rows.push(slot.row);
      if (rows.length > 0)
        out.set(
          table,
          rows.sort((a, b) => a.id - b.id),
        );
    }
    return out;
  }
}

const codeOf = (row: object): string => (row as { readonly code: string }).code;

/**
 * Throws INSUFFICIENT_BALANCE or BALANCE_OUT_OF_RANGE if the transfers of facts, in order, would take an account below
 * zero or beyond the largest balance. It checks all of them before any is folded, so that there is nothing to undo.
 * Throws an Error for an invalid transfer, which is a bug.
 */
export function checkTransfers(facts: readonly Fact[], state: State, assetCode: (asset: AssetNo) => string): void {
  const balances = new Map<AccountId, bigint>();
  const shift = (id: AccountId, amount: bigint): void => {
    if (!isLocked(id)) return;
    const before = balances.get(id) ?? state.row(account, id).balance;
    const after = before + amount;
    if (after < 0n) throw insufficient(id, before, -amount, assetCode);
    if (after > MICROS_MAX) throw outOfRange(id, assetCode);
    balances.set(id, after);
  };
  for (const fact of facts) {
    for (const transfer of fact.transfers) {
      assertTransfer(transfer);
      shift(transfer.from, -transfer.amount);
      shift(transfer.to, transfer.amount);
    }
  }
}

function assertTransfer({ from, to, amount }: Transfer): void {
  if (amount <= 0n || amount > MICROS_MAX || from === to || assetOfAccount(from) !== assetOfAccount(to)) {
    throw new Error(`no transfer: ${amount} from ${from} to ${to}`);
  }
}

function insufficient(
  id: AccountId,
  balance: bigint,
  required: bigint,
  assetCode: (asset: AssetNo) => string,
): ApiError {
  const asset = assetCode(assetOfAccount(id));
  if (kindOfAccount(id) !== 'player')
    return new ApiError('INSUFFICIENT_BALANCE', `the ${kindOfAccount(id)} account is short of ${asset}`, {
      details: { asset },
    });
  const details = { asset, balance: formatDecimal(balance), required: formatDecimal(required) };
  return new ApiError(
    'INSUFFICIENT_BALANCE',
    `the balance of ${details.balance} ${asset} is below ${details.required}`,
    { details },
  );
}

/** The BALANCE_OUT_OF_RANGE error for a posting that would exceed the largest balance of an account. */
export function outOfRange(id: AccountId, assetCode: (asset: AssetNo) => string): ApiError {
  const asset = assetCode(assetOfAccount(id));
  return new ApiError('BALANCE_OUT_OF_RANGE', `the ${asset} account would hold more than an account can`, {
    details: { asset },
  });
}
