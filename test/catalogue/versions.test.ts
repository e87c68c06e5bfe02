import assert from 'node:assert/strict';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, test } from 'vitest';
import { Versions } from '../../src/catalogue/index.ts';
import type { Reads } from '../../src/db/index.ts';
import type { Jackpot } from '../../src/engines/jackpot/bound.ts';
import { jackpots } from '../../src/engines/jackpot/definition.ts';
import type { Journal } from '../../src/journal/index.ts';
import { makeJackpot, pot } from '../engines/jackpot/fixture.ts';
import { platformOn } from '../engines/jackpot/platform.ts';
import { openJournal } from '../journal/fixture.ts';

let url: string;
let journal: Journal;
let made: ReturnType<typeof platformOn>;
let jackpot: Jackpot;
let count = 0;
const reads: Reads = (read) => {
  count += 1;
  return made.platform.reads(read);
};
beforeAll(async () => {
  ({ url, journal } = await openJournal());
  made = platformOn(url, journal);
  jackpot = await makeJackpot(journal, [pot({ hitRate: { cost: '1', odds: 9 } })]);
});
afterAll(async () => {
  await made.close();
  await journal.close();
});
beforeEach(() => {
  count = 0;
});

test('a version is read once, whoever asks for it at once or later', async () => {
  const versions = new Versions(reads);
  const get = () => versions.get(jackpots, 1, jackpot.versionId);
  const [one, ...others] = await Promise.all(Array.from({ length: 20 }, async () => get()));
  assert.deepEqual(
    { code: one!.code, version: one!.version, pots: one!.content.pots.length },
    { code: jackpot.code, version: 1, pots: 1 },
  );
  assert.ok(others.every((other) => other === one));
  assert.equal(get(), one, 'what is cached is no promise');
  assert.equal(count, 1);
});

test("a version that one operator has is not another's", async () => {
  const versions = new Versions(reads);
  await versions.get(jackpots, 1, jackpot.versionId);
  await assert.rejects(async () => versions.get(jackpots, 2, jackpot.versionId), /there is no version/);
});

test('a version that was not found is looked for again: it may have been committed since', async () => {
  const versions = new Versions(reads);
  const get = async () => versions.get(jackpots, 1, 777);
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const columns = ['definition_id', 'version', 'format', 'content', 'config_hash', 'published_at', 'effective_at'];
    const text =
      `insert into definition_version (operator_id, id, sequence, ${columns.join()}) ` +
      `select operator_id, 777, sequence, ${columns.join()} from definition_version where id = $1`;
    await client.query('begin');
    await client.query(text, [jackpot.versionId]);
    await assert.rejects(get, /there is no version 777/);
    await client.query('commit');
    assert.equal((await get()).code, jackpot.code);
  } finally {
    await client.end();
  }
});

test('no more is cached than is allowed', async () => {
  const versions = new Versions(reads, 600);
  for (let time = 0; time < 3; time++) await versions.get(jackpots, 1, jackpot.versionId);
  const other = await makeJackpot(journal, [pot({ hitRate: { cost: '1', odds: 9 } })]);
  assert.equal(count, 1);
  await versions.get(jackpots, 1, other.versionId);
  await versions.get(jackpots, 1, jackpot.versionId);
  assert.equal(count, 3);
});

test('a read that fails is tried again by the next caller', async () => {
  let fails = true;
  const versions = new Versions((read) => (fails ? Promise.reject(new Error('down')) : reads(read)));
  const get = async () => versions.get(jackpots, 1, jackpot.versionId);
  await assert.rejects(get, /down/);
  fails = false;
  assert.equal((await get()).code, jackpot.code);
});
