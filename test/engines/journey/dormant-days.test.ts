import assert from 'node:assert/strict';
import { test } from 'vitest';
import { tellDormantTask } from '../../../src/engines/journey/tell-dormant.ts';
import type { Call } from '../../../src/journal/call.ts';
import { DAY } from '../../../src/journal/index.ts';
import type { Platform } from '../../../src/platform/index.ts';

const [TODAY, PAGE] = [20_000, 2000];
const SHELF = { changes: 1, definitions: [{ content: { steps: [{ trigger: 'dormant_7d' }] } }] };

/** Runs the task for a day with so many dormant players: what it looks for, whom it tells, and how the page ends. */
async function tell(day: number, players: number) {
  const board = { dueAt: day * DAY, after: 4 };
  const told: Pick<Call, 'request' | 'options'>[] = [];
  const pages: unknown[] = [];
  let asked: readonly unknown[] = [];
  const found = Array.from({ length: players }, (_, n) => ({ player_id: String(n + 5) }));
  const executeQuery = async ({ parameters }: { readonly parameters: readonly unknown[] }) => {
    asked = parameters;
    return { rows: found };
  };
  const em = { getKysely: () => ({ executeQuery }) };
  const read: ((act: (manager: unknown) => unknown) => unknown)[] = [() => [board], (act) => act(em)];
  const platform = {
    reads: async (act: (manager: unknown) => unknown) => read.shift()!(act),
    definitions: { active: () => SHELF },
    players: { byId: async (_: number, ids: readonly number[]) => new Map(ids.map((id) => [id, { brandId: 1 }])) },
    journal: {
      queue: (call: Call) => {
        told.push(call);
        call.resolve(null, false);
      },
      run: async (_: unknown, page: unknown) => pages.push(page),
    },
  } as unknown as Platform;
  await tellDormantTask.run(platform, { operator: 1, id: 1, at: day * DAY });
  return { asked, told, pages };
}

test('players whose last activity was seven days before are told, and that is no activity', async () => {
  const { asked, told, pages } = await tell(TODAY, 2);
  assert.deepEqual(asked, [1, TODAY - 7, 4, PAGE]);
  assert.deepEqual(
    told.map(({ request }) => [(request as any).player, (request as any).trigger, (request as any).byPlayer]),
    [
      [5, 'dormant_7d', false],
      [6, 'dormant_7d', false],
    ],
  );
  assert.deepEqual(pages, [{ at: TODAY * DAY, from: 4, to: 0 }]);
});

test('a full page is followed by another one of the same day', async () => {
  assert.deepEqual((await tell(TODAY, PAGE)).pages, [{ at: TODAY * DAY, from: 4, to: PAGE + 4 }]);
});

test('a player is told once for each day', async () => {
  const keysOf = async (day: number): Promise<string[]> =>
    (await tell(day, 2)).told.flatMap(({ options }) => options.keys);
  const keys = await keysOf(TODAY);
  assert.equal(new Set(keys).size, 2);
  assert.deepEqual(await keysOf(TODAY), keys);
  assert.equal(new Set([...keys, ...(await keysOf(TODAY + 30))]).size, 4);
});
