import assert from 'node:assert/strict';
import { test } from 'vitest';
import { runWallets } from './wallets.ts';

test('each contribution is debited once and each win credited once, though wallet and servers fail', async (t) => {
  const { problems, answers, pending, contributed, cancelled, owed, rejected, kills, asked } = await runWallets({
    kills: 3,
    seed: 7,
    say: () => undefined,
  });
  await t.annotate(
    `${kills} kills, ${asked} calls of the wallet: ${contributed} contributions, ${cancelled} cancelled debits, ` +
      `${pending} times pending; ${JSON.stringify(answers)}; besides ${JSON.stringify(owed)}, ${rejected} rejected`,
  );
  assert.deepEqual(problems.slice(0, 20), []);
  assert.ok(contributed > 10 && cancelled > 0 && pending > 0, 'nothing went wrong, so nothing was tested');
  assert.deepEqual(Object.keys(owed).sort(), ['released', 'share', 'time', 'trigger']);
  assert.ok(rejected > 0);
}, 180_000);
