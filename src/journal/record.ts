import type { EntityManager } from '@mikro-orm/postgresql';
import { uuidv7, type OperatorNo, type Uuid } from '../kernel/index.ts';
import { journalTx } from './epoch.ts';
import type { FactKind } from './fact.ts';
import { readText } from './query.ts';
import { addToSum } from './row-seal.ts';
import { journalArrays, keyArrays, sealOf } from './save.ts';

/** An administrative write: it changes no row that lanes lock, and its aggregate is not such a row. */
export interface Recorded<Data> {
  readonly operator: OperatorNo;
  readonly caller: string;
  readonly kind: FactKind<Data>;
  /** The number of what it is about. */
  readonly id: number;
  readonly data: Data;
  /** Hashed with their scope by `hashKey`. */
  readonly keys: readonly string[];
}

interface Transaction {
  execute(sql: string, params?: unknown[]): Promise<any>;
}

/**
 * Records an administrative write in the journal, in the transaction of the write. Rejects with a unique violation of
 * journal_key if one of the keys was already used. Returns the operation's id.
 */
export async function recordFact<Data>(em: Transaction, recorded: Recorded<Data>): Promise<Uuid> {
  const { operator, caller, kind, id, data, keys } = recorded;
  const operationId = uuidv7(Date.now(), 0);
  const fact = Buffer.from(kind.codec.encode(data).finish());
  const [{ tx, time }] = await em.execute(PLACE);
  const row = { operationId, part: 0, kind: kind.number, version: kind.version, aggregate: id, sequence: 0 };
  const arrays = journalArrays([{ ...row, caller, requestHash: Buffer.alloc(0), transfers: [], fact }]);
  const keyed = keyArrays(keys.map((key) => ({ key, operationId })));
  const seal = sealOf(Number(tx), Number(time), [...arrays, ...keyed]);
  await em.execute(
    'insert into journal (operator_id, operation_id, part, kind, version, aggregate_id, aggregate_sequence, ' +
      'tx, time, caller, request_hash, transfers, fact, seal) ' +
      "values (?, ?, 0, ?, ?, ?, 0, ?, 'epoch'::timestamptz + ?::int8 * interval '1 microsecond', ?, '', '{}', ?, ?)",
    [operator, operationId, kind.number, kind.version, id, tx, time, caller, fact, seal],
  );
  for (const key of keys) {
    await em.execute('insert into journal_key (operator_id, key, operation_id) values (?, ?, ?)', [
      operator,
      key,
      operationId,
    ]);
  }
  await addToSum(em, operator, seal);
  return operationId;
}

const PLACE =
  `select ${journalTx('pg_current_xact_id()')}::text as tx, ` +
  '(extract(epoch from clock_timestamp()) * 1000000)::int8::text as time';

/** The number that the write with this key was about; undefined: the key is new. */
export async function findRecorded(em: EntityManager, operator: OperatorNo, key: string): Promise<number | undefined> {
  const text =
    'select j.aggregate_id from journal_key k join journal j on j.operator_id = k.operator_id ' +
    'and j.operation_id = k.operation_id where k.operator_id = $1 and k.key = $2';
  const [known] = await readText<{ aggregate_id: string }>(em, text, [operator, key]);
  return known === undefined ? undefined : Number(known.aggregate_id);
}
