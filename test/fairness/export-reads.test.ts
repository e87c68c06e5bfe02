import assert from 'node:assert/strict';
import { afterAll, beforeAll, test } from 'vitest';
import type { ExportDrawsResponse } from '../../gen/ts/windfall/fairness/v1/fairness.ts';
import type { Jackpot } from '../../src/engines/jackpot/bound.ts';
import { jackpotDraws } from '../../src/engines/jackpot/proof.ts';
import { seedStream } from '../../src/fairness/index.ts';
import { readRowsById, type Journal } from '../../src/journal/index.ts';
import type { Caller } from '../../src/kernel/index.ts';
import type { Platform } from '../../src/platform/index.ts';
import type { Context } from '../../src/rpc/index.ts';
import { exportDraws } from '../../src/services/fairness/export-draws.ts';
import { give, makeJackpot, pot } from '../engines/jackpot/fixture.ts';
import { platformOn } from '../engines/jackpot/platform.ts';
import { openJournal } from '../journal/fixture.ts';

const DRAWS = 590;
const admin: Caller = { role: 'admin', operator: 1, brand: null, scopes: new Set(), userId: null, name: 'admin:1' };

let journal: Journal;
let made: ReturnType<typeof platformOn>;
let jackpot: Jackpot;
/** How often the database was read. */
let reads = 0;
let platform: Platform;
let name: string;
const more = (count: number): Promise<unknown> =>
  Promise.all(Array.from({ length: count }, (_, i) => give(journal, jackpot, i + 1, 1_000_000n)));
beforeAll(async () => {
  const opened = await openJournal();
  ({ journal } = opened);
  made = platformOn(opened.url, journal);
  platform = {
    ...made.platform,
    reads: (read) => {
      reads += 1;
      return made.platform.reads(read);
    },
    draws: new Map(jackpotDraws(made.platform).map((draw) => [draw.kind, draw])),
  };
  jackpot = await makeJackpot(journal, [pot({ hitRate: { cost: '1', odds: 9_000_000_000 } })]);
  await more(DRAWS);
  const [row] = await made.platform.reads((em) => readRowsById(em, seedStream, 1, [jackpot.stream]));
  name = row!.name.split('/')[1]!;
});
afterAll(async () => {
  await made.close();
  await journal.close();
});

/** An export for a caller, with what a call knows. */
function start(context: Partial<Context> = {}): AsyncGenerator<ExportDrawsResponse> {
  const { signal } = new AbortController();
  const call = { caller: admin, signal, turn: async () => undefined, ...context } as Context;
  return exportDraws(platform, call, { kind: 'jackpot', name, pageToken: '' });
}

test('an export that is not read on reads nothing from the database, and one that is left reads no more', async () => {
  const lines = start();
  await lines.next();
  const first = reads;
  await new Promise((resolve) => setTimeout(resolve, 200));
  assert.equal(reads, first, 'it reads ahead');
  for (let line = 1; line < 50; line++) await lines.next();
  assert.equal(reads, first, 'a page is read more than once');
  await lines.next();
  assert.ok(reads > first && reads <= 2 * first, `${reads} reads for the second page, ${first} for the first`);
  await lines.return(undefined);
  const left = reads;
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.equal(reads, left);
});

test('an export counts as a call each 500 draws, and stops when its call is aborted', async () => {
  let turns = 0;
  const turn = async (): Promise<void> => {
    turns += 1;
  };
  let drawn = 0;
  for await (const { draw } of start({ turn })) if (draw !== undefined) drawn += 1;
  assert.deepEqual([drawn, turns], [DRAWS, 1]);
  const stop = new AbortController();
  const lines = start({ signal: stop.signal });
  await lines.next();
  stop.abort(new Error('the server is stopping'));
  const rest = async (): Promise<number> => {
    let count = 1;
    for await (const _ of lines) count += 1;
    return count;
  };
  await assert.rejects(rest(), /stopping/);
});

test('an export ends with the draws that were made before it, however many are made meanwhile', async () => {
  const lines = start();
  await lines.next();
  await more(200);
  let drawn = 1;
  let token = '';
  for await (const { draw, nextPageToken } of lines) {
    if (draw !== undefined) drawn += 1;
    token = nextPageToken;
  }
  assert.equal(drawn, DRAWS);
  assert.notEqual(token, '');
});
