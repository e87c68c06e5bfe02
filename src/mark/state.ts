import { EPOCH_SQL, LAST_ENTRY_SQL } from '../journal/index.ts';

/** Where a database's history is: what a mark says of it. */
export interface DatabaseState {
  /** The number that the cluster got when it was made. */
  readonly system: string;
  /** The number of the database in its cluster. */
  readonly database: string;
  /** Changes whenever a cluster is recovered to a moment, and whenever a standby takes over. */
  readonly timeline: number;
  readonly epoch: number;
  /** The journal's highest number of a transaction; 0: nothing has happened yet. */
  readonly transaction: number;
  /** An operation of that transaction: `<operator>/<operation>`; empty: none. */
  readonly operation: string;
}

/** A state as it was read, with what it says of a mark. */
export interface ReadState extends DatabaseState {
  /** Whether seeds were ever published. */
  readonly used: boolean;
  /** Whether the journal has the operation that was asked for. */
  readonly known: boolean;
}

/** Runs one statement; the values of its rows are texts. */
export type Run = (text: string, values: readonly string[]) => Promise<readonly (readonly (string | null)[])[]>;

const NONE = '00000000-0000-0000-0000-000000000000';
// The name of the file that is being written has the timeline of this moment; the control file, that of a checkpoint.
const PLACE =
  'select c.system_identifier::text, d.oid::text, substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8), s.used::text ' +
  'from pg_control_system() c, pg_database d, ';
const WITH_JOURNAL = `${PLACE}(select exists (select from seed_stream) as used) s where d.datname = current_database()`;
const WITHOUT = `${PLACE}(select false as used) s where d.datname = current_database()`;
const KNOWN = 'select 1 from journal j where j.operator_id = $1::int8 and j.operation_id = $2::uuid limit 1';

/**
 * The state of a database, which may have no tables yet.
 * @param operation the one that the journal should have; empty: none.
 */
export async function readState(run: Run, operation: string): Promise<ReadState> {
  const [tables] = await run(
    "select to_regclass('public.seed_stream')::text, to_regclass('public.epoch')::text, " +
      "to_regclass('public.journal')::text",
    [],
  );
  const [streams, epochs, journal] = tables as [string | null, string | null, string | null];
  const [operator = '0', id = NONE] = operation.split('/');
  const [place] = await run(streams === null ? WITHOUT : WITH_JOURNAL, []);
  // Tables from before epochs.
  const epoch = epochs === null ? [['0']] : await run(EPOCH_SQL, []);
  // First what must be there: the journal only grows.
  const known = journal === null || operation === '' ? [] : await run(KNOWN, [operator, id]);
  const last = journal === null ? [] : await run(LAST_ENTRY_SQL, []);
  const [system, database, timeline, used] = place as [string, string, string, string];
  const [transaction, ofOperator, operationId] = (last[0] ?? ['0', '', '']) as [string, string, string];
  return {
    system,
    database,
    timeline: Number.parseInt(timeline, 16),
    epoch: Number(epoch[0]![0]),
    transaction: Number(transaction),
    operation: operationId === '' ? '' : `${ofOperator}/${operationId}`,
    used: used === 'true',
    known: operation === '' || known.length > 0,
  };
}
