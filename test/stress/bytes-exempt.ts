/** What no rule depends on, or what follows from nothing that could say what it was: table, columns, why. */
interface Exempt {
  readonly table: string;
  /** Unset: all. */
  readonly columns?: readonly string[];
  readonly why: string;
}

export const EXEMPT: readonly Exempt[] = [
  { table: 'mikro_orm_migrations', why: 'the migrator’s own list: its entities are compared with the schema' },
  { table: 'player_activity', why: 'follows from no fact: an event that changes nothing is activity, too' },
  {
    table: 'pots_wallet_token',
    why: 'a session for a retry, which is gone after it: authenticated encryption finds a change when it is opened',
  },
  {
    table: 'operator',
    columns: ['create_players'],
    why: 'no operation sets it: it is set in the database',
  },
  {
    table: 'webhook',
    columns: ['failures', 'failing_since', 'retry_at'],
    why: 'what tries have shown lately: the next try writes it again',
  },
  {
    table: 'webhook_delivery',
    why: 'an outbox that is emptied by age: events are read again from the journal',
  },
];

/** Whether a column may change unseen. @param column unset: whether the whole table may. */
export const isExempt = (table: string, column?: string): boolean =>
  EXEMPT.some(
    (one) =>
      one.table === table && (one.columns === undefined || (column !== undefined && one.columns.includes(column))),
  );
