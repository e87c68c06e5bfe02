import { playerOfAccount, type Transfer } from './account.ts';
import type { CallOptions } from './command.ts';
import { statement } from './connection.ts';
import type { Fact, Operation } from './fact.ts';
import type { Register } from './register.ts';

/** An operation's columns of `journal j`, as `readOperations` expects them. */
export const OPERATION = [
  'j.operation_id',
  'j.kind',
  'j.version',
  'j.aggregate_id',
  'j.transfers',
  "encode(j.fact, 'hex')",
  '(extract(epoch from j.time) * 1000000)::int8',
  'j.tx',
  'j.caller',
  "encode(j.request_hash, 'hex')",
].join(', ');

/**
 * Operations by their keys ($2 a uuid[]): each row starts with its key. The lateral look-ups make PostgreSQL use the
 * two primary keys whatever the tables' sizes.
 */
export const operationsByKey = statement(
  'operations_by_key',
  `select u.key, ${OPERATION} from unnest($2::uuid[]) as u(key) ` +
    'cross join lateral (select k.operation_id from journal_key k ' +
    'where k.operator_id = $1 and k.key = u.key offset 0) k ' +
    'cross join lateral (select * from journal j where j.operator_id = $1 and j.operation_id = k.operation_id ' +
    'order by j.part offset 0) j order by u.key, j.part',
);

/** All keys of a call. */
export function keysOf({ keys, once }: Pick<CallOptions, 'keys' | 'once'>): readonly string[] {
  return once === undefined ? keys : [...keys, once];
}

/** Groups the rows of a look-up: operations by the value in the rows' first column. */
export function readOperations(register: Register, rows: readonly (readonly string[])[]): Map<string, Operation> {
  const out = new Map<string, Operation & { facts: Fact[] }>();
  for (const row of rows) {
    const [key, id, kind, version, aggregate, transfers, fact, time, tx, caller, hash] = row as string[];
    let operation = out.get(key!);
    if (operation === undefined) {
      const requestHash = Buffer.from(hash!, 'hex').toString('latin1');
      operation = { id: id!, time: Number(time), tx: Number(tx), caller: caller!, requestHash, facts: [] };
      out.set(key!, operation);
    }
    operation.facts.push(
      readFact(register, { kind, version, aggregate, transfers, fact: Buffer.from(fact!, 'hex') } as FactColumns),
    );
  }
  return out;
}

/** A fact's columns in the journal; `transfers` is the text form of the row's int8[]. */
export interface FactColumns {
  readonly kind: string;
  readonly version: string;
  readonly aggregate: string;
  readonly transfers: string;
  readonly fact: Buffer;
}

/** One fact from its columns. */
export function readFact(register: Register, { kind, version, aggregate, transfers, fact }: FactColumns): Fact {
  const known = register.fact(Number(kind), Number(version));
  return { kind: known, id: Number(aggregate), data: known.codec.decode(fact), transfers: readTransfers(transfers) };
}

function readTransfers(text: string): Transfer[] {
  const values = text === '{}' ? [] : text.slice(1, -1).split(',');
  const out: Transfer[] = [];
  for (let i = 0; i < values.length; i += 3) {
    out.push({ from: Number(values[i]), to: Number(values[i + 1]), amount: BigInt(values[i + 2]!) });
  }
  return out;
}

/** The numbers of all players whom an operation is about. */
export function playersOf({ facts }: Operation): number[] {
  const all = facts.flatMap(({ kind, id, data, transfers }) => [
    ...(kind.players?.(data, id) ?? []),
    ...transfers.flatMap(({ from, to }) => [playerOfAccount(from), playerOfAccount(to)]),
  ]);
  return [...new Set(all)].filter((player) => player !== 0);
}
