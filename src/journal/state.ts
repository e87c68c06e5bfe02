import { ApiError, MICROS_MAX, formatDecimal } from '../kernel/index.ts';
import { account, assetOfAccount, isLocked, kindOfAccount, move } from './account.ts';
import type { AccountId, AssetNo, StatementLine, Transfer } from './account.ts';
import type { FactMetadata, Fact, Rows } from './fact.ts';
import type { Table } from './table.ts';

interface Slot {
  readonly row: { readonly id: number; sequence: number };
  readonly locked: boolean;
  dirty: boolean;
}

/** The rows that a batch, or `verify`, works on. Folds facts over them. */
export class State implements Rows {
  readonly tables = new Map<Table<any>, Map<number, Slot>>();

  /** Adds a row. Only locked rows can be edited. */
  put(table: Table<any>, row: Slot['row'], locked: boolean): void {
    let slots = this.tables.get(table);
    if (slots === undefined) this.tables.set(table, (slots = new Map()));
    slots.set(row.id, { row, locked, dirty: false });
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
    return slot.row as Row;
  }

  /** The number of the row to which this batch has assigned a code. */
  edited(table: Table<any>, code: string): number | undefined {
    if (!table.coded) return undefined;
    for (const { row, dirty } of this.tables.get(table)?.values() ?? []) {
      if (dirty && (row as unknown as { code: string }).code === code) return row.id;
    }
    return undefined;
  }

  /**
   * Folds a fact: sequence, evolve, then its transfers in order. Returns the fact's sequence in its aggregate, and the
   * statement lines of players' accounts.
   */
  fold(fact: Fact, at: FactMetadata): { sequence: number; lines: StatementLine[] } {
    const { aggregate, evolve, name } = fact.kind;
    if (aggregate === null) throw new Error(`${name} is no fact of a command`);
    const head = this.edit(aggregate, fact.id) as { sequence: number };
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

  /** Every row that was edited, by table. */
  dirty(): Map<Table<any>, Slot['row'][]> {
    const out = new Map<Table<any>, Slot['row'][]>();
    for (const [table, slots] of this.tables) {
      const rows = [...slots.values()].filter((slot) => slot.dirty).map((slot) => slot.row);
      if (rows.length > 0)
        out.set(
          table,
          rows.sort((a, b) => a.id - b.id),
        );
    }
    return out;
  }
}

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
