import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'vitest';
import { freshDatabase } from '../support/database.ts';
import { seeded } from '../support/requests.ts';
import { tally } from './acknowledged.ts';
import { audit, furnish, run } from './load.ts';
import { Servers } from './servers.ts';

// The same calls again: SEED=… npx vitest run test/journal/two-servers.test.ts
const SEED = Number(process.env['SEED'] ?? Math.floor(Math.random() * 2 ** 31));

test(`two servers do what one would have done, one call after another (SEED=${SEED})`, async (t) => {
  const url = await freshDatabase();
  await furnish(url);
  const random = seeded(SEED);
  const servers = new Servers(url, 2);
  t.onTestFinished(() => servers.end());
  const exchanges = await run({
    random,
    calls: 1500,
    clients: 60,
    keyless: 0.2,
    ask: (ask) => servers.ask(ask, random),
  });
  await audit(url, exchanges);
  await t.annotate(tally(exchanges));
});

test(`servers that are killed lose nothing and double nothing (SEED=${SEED})`, async (t) => {
  const url = await freshDatabase();
  await furnish(url);
  const random = seeded(SEED + 1);
  const servers = new Servers(url, 2);
  t.onTestFinished(() => servers.end());
  let running = true;
  const killing = (async () => {
    while (running) {
      await sleep(random() * 300);
      await servers.killOne(random);
    }
  })();
  const exchanges = await run({ random, calls: 900, clients: 60, keyless: 0, ask: (ask) => servers.ask(ask, random) });
  running = false;
  await killing;
  assert.ok(servers.kills > 0);
  await audit(url, exchanges);
  await t.annotate(`${servers.kills} kills: ${tally(exchanges)}`);
});
