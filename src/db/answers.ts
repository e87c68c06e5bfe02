import pg from 'pg';
import { DatabaseError } from './database-error.ts';

const OLDEST = 15;

/**
 * Returns if a database responds; otherwise throws a DatabaseError that says why it does not. The message never
 * contains the password.
 */
export async function assertAnswers(databaseUrl: string): Promise<void> {
  const { host, pathname } = new URL(databaseUrl);
  const client = new pg.Client({ connectionString: databaseUrl, connectionTimeoutMillis: 5000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    const { rows } = await client.query<{ server_version_num: string }>('show server_version_num');
    if (Number(rows[0]!.server_version_num) < OLDEST * 10_000) {
      throw new DatabaseError(`the database at ${host} is too old: PostgreSQL ${OLDEST} or newer is needed`);
    }
  } catch (error) {
    if (error instanceof DatabaseError) throw error;
    const why = complaint(error as Error & { code?: string }, pathname.slice(1));
    throw new DatabaseError(`the database at ${host} ${why}`);
  } finally {
    await client.end().catch(() => undefined);
  }
}

function complaint({ code, message }: { code?: string; message: string }, database: string): string {
  if (code === '28P01' || code === '28000') return 'refuses the user or the password of DATABASE_URL';
  if (code === '3D000') return `has no database "${database}": make it, or correct DATABASE_URL`;
  return `does not answer (${code ?? message}): is it started, and is DATABASE_URL right?`;
}
