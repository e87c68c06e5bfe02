import { pages, type Query } from './pages.ts';
import { addSeal, sumOf } from './row-seal.ts';
import { journalArrays, keyArrays, sealOf, type JournalKey, type JournalRow } from './save.ts';
import type { OperatorNo } from '../kernel/index.ts';

/** In the order of the facts that `verify` reads: see FACTS there. */
const KEYS =
  'select k.operation_id, k.key from journal_key k join journal j on j.operator_id = k.operator_id ' +
  'and j.operation_id = k.operation_id and j.part = 0 where k.operator_id = $1 and j.operator_id = $1 ' +
  'order by j.time, j.tx, j.operation_id, k.key';

/** A row of the journal as texts. */
export interface JournalTexts {
  readonly tx: string;
  readonly time: string;
  readonly operationId: string;
  readonly part: string;
  readonly kind: string;
  readonly version: string;
  readonly aggregate: string;
  readonly sequence: string;
  readonly caller: string;
  readonly requestHash: string;
  readonly transfers: string;
  readonly fact: string;
  readonly seal: string;
}

/** How many operations a difference names. */
const NAMED = 3;

/** Checks the seals of an operator's journal, whose rows it is given in order. It keeps those of one batch. */
export class SealCheck {
  readonly #keys: AsyncGenerator<readonly string[]>;
  readonly #note: (difference: string) => unknown;
  #key: IteratorResult<readonly string[], unknown> | undefined;
  /** What was written at once, as far as it is read. */
  #rows: JournalTexts[] = [];
  #keysOfRows: JournalKey[] = [];
  #sealed = false;
  #sum: Buffer = Buffer.alloc(32);

  constructor(query: Query, operator: OperatorNo, note: (difference: string) => unknown) {
    this.#keys = pages(query, 'keys', KEYS, [operator]);
    this.#note = note;
  }

  async take(row: JournalTexts): Promise<void> {
    const [before] = this.#rows;
    if (before !== undefined && (before.tx !== row.tx || before.time !== row.time)) this.#unsealed();
    this.#rows.push(row);
    if (row.part === '0') await this.#takeKeys(row.operationId);
    if (row.seal !== '') this.#check(row);
  }

  /** @param stored the sum of the seals of administrative facts, in hex. */
  finish(stored: string): void {
    this.#unsealed();
    if (this.#sum.toString('hex') === stored) return;
    this.#note('journal: facts of administrative writes are missing, or were added');
  }

  async #takeKeys(operationId: string): Promise<void> {
    for (;;) {
      this.#key ??= await this.#keys.next();
      if (this.#key.done === true) return;
      const [operation, key] = this.#key.value as [string, string];
      if (operation !== operationId) return;
      this.#keysOfRows.push({ key, operationId });
      this.#key = undefined;
    }
  }

  #check({ seal, sequence, tx, time }: JournalTexts): void {
    this.#sealed = true;
    if (sequence === '0') this.#sum = addSeal(this.#sum, Buffer.from(seal, 'hex'));
    if (this.#sealNow(Number(tx), Number(time)) !== seal) this.#tell('is not as it was written');
    this.#clear();
  }

  /** Undefined if the rows cannot even be encoded. */
  #sealNow(tx: number, time: number): string | undefined {
    try {
      const arrays = [...journalArrays(this.#rows.map(rowOf)), ...keyArrays(this.#keysOfRows)];
      return sealOf(tx, time, arrays).toString('hex');
    } catch {
      return undefined;
    }
  }

  /** Rows from before there were seals have none. */
  #unsealed(): void {
    if (this.#rows.length > 0 && this.#sealed) this.#tell('has no seal');
    this.#clear();
  }

  #clear(): void {
    this.#rows = [];
    this.#keysOfRows = [];
  }

  #tell(what: string): void {
    const operations = [...new Set(this.#rows.map(({ operationId }) => operationId))];
    const more = operations.length > NAMED ? ` and ${operations.length - NAMED} more` : '';
    const [{ tx }] = this.#rows as [JournalTexts];
    const named = operations.slice(0, NAMED).join(', ');
    this.#note(`journal: transaction ${tx} ${what}: operation ${named}${more}, or its keys`);
  }
}

const rowOf = (row: JournalTexts): JournalRow => ({
  operationId: row.operationId,
  part: Number(row.part),
  kind: Number(row.kind),
  version: Number(row.version),
  aggregate: Number(row.aggregate),
  sequence: Number(row.sequence),
  caller: row.caller,
  requestHash: Buffer.from(row.requestHash, 'hex'),
  transfers: row.transfers === '{}' ? [] : row.transfers.slice(1, -1).split(',').map(BigInt),
  fact: Buffer.from(row.fact, 'hex'),
});

/** The stored sum of the seals of an operator's administrative facts. */
export async function storedSum(query: Query, operator: OperatorNo): Promise<string> {
  const [row] = await query(sumOf, [operator]);
  return row?.[0] ?? Buffer.alloc(32).toString('hex');
}
