import type { MikroORM } from '@mikro-orm/postgresql';
import pg from 'pg';
import { MIGRATION_LOCK } from './orm.ts';

/** What a server only reads. */
const READ = ['epoch', 'mikro_orm_migrations'];
/** What is written once and never changed. Of all other tables rows are changed, too. */
const APPENDED = ['journal', 'journal_key', 'statement_line', 'receipt', 'master_key', 'pots_wallet_version'];
/** What rows are also deleted of. */
const DELETED = ['row_seal', 'webhook', 'webhook_delivery', 'pots_route', 'pots_wallet_token'];

const TABLES =
  'select n.nspname as schema, c.relname as name, c.relrowsecurity and not exists (select from pg_policy p ' +
  'where p.polrelid = c.oid and (select oid from pg_roles where rolname = $1) = any(p.polroles)) as barred ' +
  'from pg_class c join pg_namespace n on n.oid = c.relnamespace ' +
  "where c.relkind in ('r', 'p') and n.nspname in ('public', 'graphile_worker')";

interface Found {
  readonly schema: string;
  readonly name: string;
  /** Whether it has row level security, and no policy for the role. */
  readonly barred: boolean;
}

/**
 * Gives the role of servers what they need of a migrated database, and takes from it all else on tables: rows of the
 * journal are neither changed nor deleted, and nothing is made or dropped. `orm` is connected as the owner.
 */
export async function grantServer(orm: MikroORM, role: string): Promise<void> {
  const client = new pg.Client({ connectionString: orm.config.get('clientUrl')!, connectionTimeoutMillis: 5000 });
  await client.connect();
  try {
    await client.query('begin');
    // Of two processes that do it at once, one would fail.
    await client.query('select pg_advisory_xact_lock($1)', [MIGRATION_LOCK]);
    const { rows } = await client.query<Found>(TABLES, [role]);
    for (const text of statements(rows, pg.escapeIdentifier(role))) await client.query(text);
    await client.query('commit');
  } finally {
    await client.end();
  }
}

function statements(found: readonly Found[], role: string): string[] {
  const own = found.filter(({ schema }) => schema === 'public').map(({ name }) => name);
  const tasks = found.filter(({ schema }) => schema === 'graphile_worker');
  const not = (...names: string[]): string[] => own.filter((name) => !names.includes(name));
  const grant = (rights: string, names: readonly string[]): string =>
    `grant ${rights} on ${names.map((name) => `public.${pg.escapeIdentifier(name)}`).join(', ')} to ${role}`;
  const both = 'in schema public, graphile_worker';
  return [
    `revoke all on all tables ${both} from ${role}`,
    `revoke create on schema public, graphile_worker from ${role}`,
    `grant usage on schema public, graphile_worker to ${role}`,
    `grant usage, select on all sequences ${both} to ${role}`,
    grant('select', own),
    grant('insert', not(...READ)),
    grant('update', not(...READ, ...APPENDED)),
    grant('delete', DELETED),
    ...tasks.flatMap(({ name, barred }) => {
      const table = `graphile_worker.${pg.escapeIdentifier(name)}`;
      const rights = name === 'migrations' ? 'select' : 'select, insert, update, delete';
      return [
        `grant ${rights} on ${table} to ${role}`,
        ...(barred ? [`create policy ${role} on ${table} to ${role} using (true) with check (true)`] : []),
      ];
    }),
    `grant select on graphile_worker.jobs to ${role}`,
  ];
}
