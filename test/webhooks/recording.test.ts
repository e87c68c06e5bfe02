import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, test } from 'vitest';
import { GrantSettled } from '../../gen/ts/windfall/event/v1/event.ts';
import { hitSeedRevealed } from '../../src/engines/jackpot/reveal-seed.ts';
import { lootboxEvents } from '../../src/engines/lootbox/events.ts';
import { lootboxOpened } from '../../src/engines/lootbox/operations/open-lootbox.ts';
import { defineCallback, defineEvent } from '../../src/events/index.ts';
import { runSql } from '../support/sql.ts';
import { Recording } from './recording.ts';

let recording: Recording;
afterEach(() => recording.stop());

test('a fact whose predecessor comes later in the journal, and is not readable yet, takes it along', async () => {
  recording = await Recording.start(lootboxEvents);
  await recording.subscribe('lootbox.opened');
  const [first, held, second] = [
    await recording.transaction(),
    await recording.transaction(),
    await recording.transaction(),
  ];
  // The second transaction gets the aggregate's lock first; the held one keeps the follower from reading it.
  await recording.write(second, 7, 1);
  await recording.write(second, 7, 2);
  await recording.write(second, 8, 1);
  await second.query('commit');
  await recording.write(first, 7, 3);
  await first.query('commit');
  await recording.follow(3);
  assert.deepEqual(await recording.recorded(), [
    'seed_stream/7 1 due',
    'seed_stream/7 2 queued',
    'seed_stream/7 3 queued',
  ]);
  await held.query('commit');
  await recording.follow();
  assert.deepEqual((await recording.recorded()).slice(3), ['seed_stream/8 1 due']);
});

test('also through facts that are no events, and past the end of a step', async () => {
  recording = await Recording.start(lootboxEvents);
  await recording.subscribe('lootbox.*');
  const [first, held, second] = [
    await recording.transaction(),
    await recording.transaction(),
    await recording.transaction(),
  ];
  await recording.write(second, 7, 1);
  // A client seed that was set: it has the same aggregate, and is no event.
  await recording.write(second, 7, 2, [201, 1]);
  await second.query('commit');
  await recording.write(first, 7, 3);
  await first.query('commit');
  await recording.follow(2);
  assert.deepEqual(await recording.recorded(), ['seed_stream/7 1 due', 'seed_stream/7 3 queued']);
  await held.query('commit');
  await recording.step();
  assert.equal((await recording.recorded()).length, 2);
});

test('also where a fact that is no event stands between', async () => {
  recording = await Recording.start(lootboxEvents);
  await recording.subscribe('*');
  const [first, second, held, third] = [
    await recording.transaction(),
    await recording.transaction(),
    await recording.transaction(),
    await recording.transaction(),
  ];
  await recording.write(third, 7, 1);
  await third.query('commit');
  await recording.write(first, 7, 2, [201, 1]);
  await first.query('commit');
  await recording.write(second, 7, 3);
  await second.query('commit');
  await recording.follow(2);
  assert.deepEqual(await recording.recorded(), ['seed_stream/7 1 due', 'seed_stream/7 3 queued']);
  await held.query('commit');
});

test('an aggregate of another table with the same number is another one', async () => {
  const revealed = defineEvent({
    type: 'test.revealed',
    facts: [hitSeedRevealed],
    message: 'windfall.event.v1.GrantSettled',
    codec: GrantSettled,
    view: () => ({ data: GrantSettled.decode(new Uint8Array()) }),
  });
  recording = await Recording.start([...lootboxEvents, revealed]);
  await recording.subscribe('*');
  const [first, held, second] = [
    await recording.transaction(),
    await recording.transaction(),
    await recording.transaction(),
  ];
  // Of a jackpot, whose row has the number of the stream.
  await recording.write(second, 7, 1, [1105, 1]);
  await recording.write(second, 7, 2, [1105, 1]);
  await second.query('commit');
  await recording.write(first, 7, 3);
  await first.query('commit');
  await recording.follow();
  assert.deepEqual(await recording.recorded(), ['seed_stream/7 3 due']);
  await held.query('commit');
  await recording.follow();
  assert.deepEqual((await recording.recorded()).slice(1), ['jackpot/7 1 due', 'jackpot/7 2 queued']);
});

for (const patterns of [[], ['jackpot.*', 'lootbox.closed']]) {
  const who = patterns.length === 0 ? 'where there is no webhook' : `by webhooks of ${patterns.join(' and ')}`;
  test(`what is wanted ${who} is nothing: it is passed unread, but nothing of what comes then`, async () => {
    recording = await Recording.start(lootboxEvents);
    if (patterns.length > 0) await recording.subscribe(...patterns);
    const [transaction, late] = [await recording.transaction(), await recording.transaction()];
    // Its bytes are none of this program's: reading it would fail.
    await recording.write(transaction, 8, 1, [1001, 99]);
    await transaction.query('commit');
    // What is running has a lower number than something that is done.
    const newer = await recording.transaction();
    await recording.write(newer, 9, 1, [201, 1]);
    await newer.query('commit');
    while ((await recording.step()) === 0) await sleep(20);
    await recording.subscribe('lootbox.opened');
    await recording.write(late, 7, 1);
    await late.query('commit');
    await recording.follow();
    assert.deepEqual(await recording.recorded(), ['seed_stream/7 1 due']);
  });
}

test('what is recorded and how far the follower is are one: a step that fails is repeated', async () => {
  recording = await Recording.start(lootboxEvents);
  await recording.subscribe('*');
  const transaction = await recording.transaction();
  await recording.write(transaction, 7, 1);
  await recording.write(transaction, 8, 1, [1001, 99]);
  await transaction.query('commit');
  await assert.rejects(recording.follow(), /fact kind 1001 version 99/);
  assert.deepEqual(await recording.recorded(), []);
  await runSql(recording.databaseUrl, 'update journal set version = 3');
  await recording.follow();
  assert.deepEqual(await recording.recorded(), ['seed_stream/7 1 due', 'seed_stream/8 1 due']);
  assert.equal(await recording.step(), 0);
});

test('a webhook gets what happens after it was made, also while it is paused, and no other operator’s', async () => {
  recording = await Recording.start(lootboxEvents);
  const { databaseUrl } = recording;
  await runSql(databaseUrl, "insert into operator (name) values ('other')");
  const [early, later] = [await recording.transaction(), await recording.transaction()];
  await recording.write(early, 7, 1);
  await early.query('commit');
  const made = (operator: string, status: string, since: string): Promise<unknown> =>
    runSql(
      databaseUrl,
      'insert into webhook (operator_id, kind, url, events, secrets, status, since) ' +
        `select operator_id, 'events', $2::text, '{lootbox.opened}'::text[], '{}'::text[], $2, ${since}::timestamptz ` +
        'from operator where name = $1',
      [operator, status],
    );
  await made('demo', 'paused', "'epoch'");
  await made('demo', 'failed', "'epoch'");
  await made('demo', 'deleted', "'epoch'");
  await made('demo', 'active', 'clock_timestamp()');
  await made('other', 'active', "'epoch'");
  await recording.follow();
  await recording.write(later, 7, 2);
  await later.query('commit');
  await recording.follow(2);
  const got = await runSql(
    databaseUrl,
    'select w.url as status, d.sequence::int, d.state from webhook_delivery d ' +
      'join webhook w using (operator_id, webhook_id) order by 1, 2',
  );
  // What waits for the one before it is queued, also where that was recorded earlier.
  assert.deepEqual(got, [
    { status: 'active', sequence: 2, state: 1 },
    { status: 'paused', sequence: 1, state: 1 },
    { status: 'paused', sequence: 2, state: 0 },
  ]);
});

test('a callback goes to the URL of its fact, by the webhook of the registered host, without an order', async () => {
  const url = (sequence: number): string =>
    sequence === 3 ? 'https://not-registered.example.com/' : 'http://localhost:1/done';
  const callback = defineCallback({
    type: 'test.opened',
    facts: [lootboxOpened],
    view: ({ aggregate }) => (aggregate === 9 ? null : { url: url(aggregate), body: `{"n":${aggregate}}` }),
  });
  recording = await Recording.start(lootboxEvents, [callback]);
  const transaction = await recording.transaction();
  for (const aggregate of [1, 2, 3, 9]) await recording.write(transaction, aggregate, 1);
  await transaction.query('commit');
  await recording.follow();
  const text =
    'select w.kind, w.url as host, d.url, d.body, d.aggregate, d.state, d.type from webhook_delivery d ' +
    'join webhook w using (operator_id, webhook_id) order by d.body';
  const same = { kind: 'callback', aggregate: '', state: 1, type: 'test.opened' };
  assert.deepEqual(await runSql(recording.databaseUrl, text), [
    { ...same, host: 'localhost', url: url(1), body: '{"n":1}' },
    { ...same, host: 'localhost', url: url(2), body: '{"n":2}' },
    { ...same, host: '', url: url(3), body: '{"n":3}' },
  ]);
});
