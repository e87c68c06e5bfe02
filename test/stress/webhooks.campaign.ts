/**
 * Webhooks to receivers that misbehave, while two servers are killed with SIGKILL: a table of what became of each
 * event. Then contributions a second without a webhook, with a healthy receiver and with one that hangs, in turns.
 *
 *   npm run campaign -- webhooks     SECONDS=… of events and kills; ROUNDS=… of rates; PART=table or rates; QUICK=1
 */
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { lootboxOpened } from '../../src/engines/lootbox/operations/open-lootbox.ts';
import { applyFile } from '../../src/tools/apply.ts';
import { ok, Receiver } from '../webhooks/receiver.ts';
import { startTwoServers, type TwoServers } from './two-servers.ts';
import { measureRates, SETTINGS } from './webhook-rates.ts';
import { lineOf, startReceivers, tableOf, type Became, type Hooked, type Line } from './webhook-receivers.ts';

const quick = process.env['QUICK'] === '1';
const seconds = Number(process.env['SECONDS'] ?? (quick ? 15 : 60));
const part = process.env['PART'];
const rounds = Number(process.env['ROUNDS'] ?? (quick ? 1 : 5));
const PLAYERS = 12;
const PAUSE_MS = 600;
const KILL_EVERY_MS = 6000;
/** The longest that retries of the bad time take: 5, 20 and 80 s, and pauses of a minute. */
const PATIENCE_MS = 600_000;
const DEMO = new URL('../../src/tools/demo.yaml', import.meta.url).pathname;

const began = Date.now();
const say = (line: string): void => console.log(`${((Date.now() - began) / 1000).toFixed(0).padStart(5)} s  ${line}`);
const problems: string[] = [];

const servers = await startTwoServers();
const database = new pg.Client({ connectionString: servers.databaseUrl });
await database.connect();
try {
  await applyFile({ file: DEMO, address: servers.addresses[0]!, userName: 'demo', password: 'demo' });
  if (part !== 'rates') await misbehave(servers);
  if (part !== 'table') await rate(servers);
} finally {
  await database.end();
  await servers.stop();
}
for (const problem of problems.slice(0, 20)) console.log(`PROBLEM ${problem}`);
console.log(problems.length === 0 ? 'clean' : `${problems.length} problems`);
process.exit(problems.length === 0 ? 0 : 1);

async function misbehave({ must, kill }: TwoServers): Promise<void> {
  const create = async (url: string): Promise<string> =>
    (await must('admin', 'WebhookService.CreateWebhook', { url, events: ['lootbox.opened'] })).webhook.webhook_id;
  const hooked = await startReceivers(create);
  const until = Date.now() + seconds * 1000;
  let kills = 0;
  const players = Array.from({ length: PLAYERS }, async (_, n) => {
    for (let i = 0; Date.now() < until; i++) {
      const key = `open-${n}-${i}`;
      const open = { id: 'welcome-box', user_id: `player-${n}`, idempotency_key: key };
      await must('service', 'LootboxService.OpenLootbox', open);
      await sleep(PAUSE_MS);
    }
  });
  const killing = async (): Promise<void> => {
    for (; Date.now() < until; kills++) {
      await sleep(KILL_EVERY_MS);
      await kill(kills % 2);
    }
  };
  await Promise.all([...players, killing(), sleep(seconds * 500).then(() => heal(hooked, false))]);
  const opened = await openedEvents();
  say(`${opened.size} events of ${PLAYERS} players, ${kills} kills; all but the last two receivers are well again`);
  const patient = hooked.filter(({ stubborn }) => stubborn !== true);
  await settled(patient);
  const table = await linesOf(hooked, opened);
  console.log(tableOf(table));
  heal(hooked, true);
  for (const { receiver } of hooked) receiver.received.length = 0;
  for (const { webhook, stubborn } of hooked) {
    if (stubborn !== true) continue;
    const since = new Date(began).toISOString();
    await must('admin', 'WebhookService.RedeliverEvents', { webhook_id: webhook, since });
    await must('admin', 'WebhookService.UpdateWebhook', { webhook_id: webhook, status: 'active' });
  }
  await settled(hooked);
  say('the last two are well again, active, and asked for what has failed:');
  const last = (await linesOf(hooked, opened)).slice(-2);
  console.log(tableOf(last));
  judge([...table.slice(0, -2), last[0]!], opened.size);
  // What happens while a webhook is disabled is not recorded for it, as the contract says; all that was, is delivered.
  const { delivered, failed, waiting } = table.at(-1)!;
  const recorded = delivered + failed + waiting;
  // What was due already comes before what is sent again: that, too, is in the contract.
  judge([{ ...last[1]!, missing: recorded - last[1]!.events, disorder: 0 }], recorded);
  await Promise.all(hooked.map(({ receiver }) => receiver.stop()));
  for (const { webhook } of hooked) await must('admin', 'WebhookService.DeleteWebhook', { webhook_id: webhook });
}

function heal(hooked: readonly Hooked[], stubborn: boolean): void {
  for (const one of hooked) if ((one.stubborn ?? false) === stubborn) one.receiver.behaviour = ok;
}

/** None lost, each delivered, in the order of its aggregate. */
function judge(lines: readonly Line[], events: number): void {
  for (const line of lines) {
    const { what, delivered, failed, waiting, missing, disorder } = line;
    if (delivered !== events || failed + waiting + missing + disorder > 0)
      problems.push(`${what}: ${JSON.stringify(line)} of ${events} events`);
  }
}

/** The ids of all events that the journal has. */
async function openedEvents(): Promise<Set<string>> {
  const text = "select operation_id || '-' || part as id from journal where operator_id = 1 and kind = $1";
  const { rows } = await database.query<{ id: string }>(text, [lootboxOpened.number]);
  return new Set(rows.map(({ id }) => id));
}

async function linesOf(hooked: readonly Hooked[], opened: ReadonlySet<string>): Promise<Line[]> {
  const all = await becameOf(hooked);
  return hooked.map((one, i) => lineOf(one, opened, all[i]!));
}

/** What became of the events of each. */
async function becameOf(hooked: readonly Hooked[]): Promise<Became[]> {
  const text =
    'select count(*) filter (where state = 2)::int4 as delivered, count(*) filter (where state = 3)::int4 as failed, ' +
    'count(*) filter (where state in (0, 1))::int4 as waiting, coalesce(max(tries), 0)::int4 as tries ' +
    'from unnest($1::int8[]) with ordinality as w(id, place) left join webhook_delivery d ' +
    'on d.operator_id = 1 and d.webhook_id = w.id group by w.place order by w.place';
  return (await database.query<Became>(text, [hooked.map(({ webhook }) => webhook)])).rows;
}

/** Waits until the follower has passed everything and nothing waits any more, or until patience ends. */
async function settled(hooked: readonly Hooked[]): Promise<void> {
  const events = (await openedEvents()).size;
  for (const end = Date.now() + PATIENCE_MS; Date.now() < end; await sleep(500)) {
    const all = await becameOf(hooked);
    const recorded = all.every((one, i) => hooked[i]!.stubborn === true || one.delivered + one.failed >= events);
    if (recorded && all.every(({ waiting }) => waiting === 0)) return;
  }
  problems.push('deliveries were still waiting when patience ended');
}

async function rate({ must, addresses }: TwoServers): Promise<void> {
  const [healthy, dead] = [await Receiver.start(), await Receiver.start(() => undefined)];
  const rates = await measureRates({
    rounds,
    healthy,
    dead,
    address: addresses[0]!,
    roundMs: quick ? 2000 : 5000,
    subscribe: async (url) =>
      (await must('admin', 'WebhookService.CreateWebhook', { url, events: ['*'] })).webhook.webhook_id,
    unsubscribe: (webhook_id) => must('admin', 'WebhookService.DeleteWebhook', { webhook_id }),
  });
  say(`contributions a second to a source, with a linked instance, in batches of 100; ${rounds} rounds in turns:`);
  const base = median(rates[SETTINGS[0]]);
  for (const setting of SETTINGS) {
    const all = rates[setting];
    const each = all.map((one) => Math.round(one).toLocaleString('en')).join(' ');
    const [middle, ratio] = [Math.round(median(all)).toLocaleString('en'), (median(all) / base).toFixed(2)];
    console.log(`${setting.padEnd(18)}  median ${middle}  ratio ${ratio}  (${each})`);
  }
  const ratio = median(rates['a dead receiver']) / median(rates['a healthy receiver']);
  console.log(`dead : healthy  ${ratio.toFixed(2)}; the healthy one got ${healthy.received.length} events`);
  if (!quick && ratio < 0.9) problems.push(`a dead receiver slows contributions down: ${ratio.toFixed(2)}`);
  await Promise.all([healthy.stop(), dead.stop()]);
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
