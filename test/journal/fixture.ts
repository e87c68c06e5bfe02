import { randomUUID } from 'node:crypto';
import { engines } from '../../src/engines/index.ts';
import { Journal, type CallOptions, type Command } from '../../src/journal/index.ts';
import { registerOf } from '../../src/schema.ts';
import { freshDatabase } from '../support/database.ts';
import { runSql } from '../support/sql.ts';

/** The tables and facts of all that is installed. */
export const register = registerOf(engines);

/** A database with the operators 1 and 2, and a journal on it that notes faults. */
export async function openJournal(lanes = 1): Promise<{ url: string; journal: Journal; faults: unknown[] }> {
  const url = await freshDatabase();
  await runSql(url, "insert into operator (name) values ('demo'), ('other')");
  const faults: unknown[] = [];
  return { url, faults, journal: journalOn(url, faults, lanes) };
}

export function journalOn(databaseUrl: string, faults: unknown[], lanes = 1): Journal {
  return new Journal(
    {
      databaseUrl,
      register,
      assetCode: (_, asset) => `A${asset}`,
      fault: (error) => faults.push(error),
    },
    lanes,
  );
}

/** The options of a call, by default without a key. */
export function options(more: Partial<CallOptions> = {}): CallOptions {
  return { operator: 1, caller: 'test', keys: [], requestHash: '', route: 0, deadlineMs: Infinity, ...more };
}

/** The profile of a player of whom nothing is known. */
export const STRANGER = {
  country: '',
  currency: '',
  vipLevel: 0,
  timeZone: '',
  keyId: '1',
  clientSeed: '',
  publicHash: '',
};

export const newKey = (): string => randomUUID();

/** A command that is another one but for what is given. */
export function like<Request, Answer>(
  command: Command<Request, Answer>,
  change: Partial<Command<Request, Answer>>,
): Command<Request, Answer> {
  return { ...command, ...change };
}

/** What a call was refused with, or undefined. */
export async function reasonOf(call: Promise<unknown>): Promise<string | undefined> {
  return call.then(
    () => undefined,
    (thrown: unknown) => (thrown as { reason?: string }).reason ?? `threw ${String(thrown)}`,
  );
}
