import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { runSql } from '../support/sql.ts';
import type { Books } from './books.ts';
import { hashOf, type Ask, type Reply } from './server-process.ts';
import type { Exchange } from './traffic.ts';

/** ApiErrors that random calls may come to. */
const EXPECTED = new Set(['INSUFFICIENT_BALANCE', 'IDEMPOTENCY_KEY_REUSED', 'ALREADY_EXISTS']);

type Done = { readonly ask: Ask; readonly reply: Reply & { is: 'done' } };

/**
 * Compares the responses to clients with the journal: each acknowledged operation is there, with the request it
 * was made from; no operation is there that was not acknowledged; a key names one operation permanently.
 */
export async function compareReplies(url: string, books: Books, exchanges: readonly Exchange[]): Promise<void> {
  for (const { reply } of exchanges) {
    assert.ok(reply.is !== 'fault', reply.is === 'fault' ? reply.text : '');
    if (reply.is === 'refused') assert.ok(EXPECTED.has(reply.reason), reply.reason);
  }
  const done = exchanges.filter(({ reply }) => reply.is === 'done') as Done[];
  compareOperations(done, books);
  assert.equal(
    new Set(done.map(({ reply }) => reply.id)).size,
    books.entries.size,
    'an operation that nobody was told of',
  );
  const keys = new Map<string, string>();
  for (const { operation_id, key } of await runSql(
    url,
    'select key, operation_id from journal_key where operator_id = 1',
  ))
    keys.set(key, operation_id);
  const acknowledged = new Set<string>();
  for (const { ask, reply } of done) {
    // A replay is known by one of its keys; the others are not taken for it.
    const named = ask.keys.filter((key) => keys.get(key) === reply.id);
    assert.ok(ask.keys.length === 0 || named.length > 0, `no key names ${reply.id}`);
    if (!reply.replayed) assert.equal(named.length, ask.keys.length, `a key of ${reply.id} is not stored`);
    for (const key of named) acknowledged.add(key);
  }
  for (const [key, id] of keys) assert.ok(acknowledged.has(key) && books.entries.has(id), `${key} names ${id}`);
}

/** Every answer is the first answer of an operation that was made from the same request. */
function compareOperations(done: readonly Done[], books: Books): void {
  const answers = new Map<string, string>();
  const made = new Set<string>();
  for (const {
    ask,
    reply: { id, replayed, answer },
  } of done) {
    const entry = books.entries.get(id);
    assert.ok(entry !== undefined, `${id} was acknowledged and is not in the journal`);
    if (ask.keys.length > 0)
      assert.equal(entry.request_hash.toString('latin1'), hashOf(ask), `${id} was made from another request`);
    const text = inspect(answer, { depth: 9, sorted: true });
    assert.equal(answers.get(id) ?? text, text, `${id} is answered in two ways`);
    answers.set(id, text);
    assert.ok(replayed || !made.has(id), `${id} was told to two callers as theirs`);
    if (!replayed) made.add(id);
    if (ask.command === 'transfer') {
      const { from, to, amount } = ask.request as { from: number; to: number; amount: bigint };
      assert.deepEqual(entry.transfers, [from, to, amount].map(String), `${id} is not what was asked for`);
    }
  }
}

/** How many calls came to what, for people. */
export function tally(exchanges: readonly Exchange[]): string {
  const counts = new Map<string, number>();
  for (const { ask, reply } of exchanges) {
    const what =
      reply.is === 'done'
        ? `${ask.command}${reply.replayed ? ' replayed' : ''}`
        : reply.is === 'refused'
          ? reply.reason
          : 'fault';
    counts.set(what, (counts.get(what) ?? 0) + 1);
  }
  return [...counts]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([what, count]) => `${what} ${count}`)
    .join(', ');
}
