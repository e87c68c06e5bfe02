import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { TEMPLATE } from '../contract/definitions.ts';
import { WalletServer, type Behaviour, type Manner } from '../engines/pots/wallet-server.ts';
import { assertBooks, finishAll, HITS, newPlayer, settingsOf } from '../engines/pots/wallet-stage.ts';
import { seeded } from '../support/requests.ts';
import { runSql } from '../support/sql.ts';
import { Receiver } from '../webhooks/receiver.ts';
import { startTwoServers, type TwoServers } from './two-servers.ts';

interface WalletsOptions {
  readonly kills: number;
  readonly seed: number;
  say(line: string): void;
}

interface WalletsReport {
  readonly kills: number;
  /** How calls were answered at last, by reason; "contributed" and "acknowledged" are successes. */
  readonly answers: Readonly<Record<string, number>>;
  /** How often a call was told that nothing is known yet. */
  readonly pending: number;
  readonly contributed: number;
  readonly cancelled: number;
  readonly asked: number;
  readonly problems: readonly string[];
}

const CALLERS = 8;
const PLAYERS = 20;
const ASYNC = 0.3;
/** What the wallet may do with a call, and how likely. */
const MANNERS: readonly (readonly [number, Manner])[] = [
  [0.04, { does: false, answers: { status: 500 } }],
  [0.04, { answers: { status: 500 } }],
  [0.04, { answers: 'cut' }],
  [0.02, { answers: 'nothing' }],
  [0.02, { does: false, answers: 'nothing' }],
  [0.02, { answers: 'twice' }],
  [0.02, { lies: (asked) => ({ ...asked, amount: '0.01' }) }],
  [0.1, { afterMs: 100 }],
  // It does what it is asked once it answers: after a cancellation, too.
  [0.04, { afterMs: 150, isLate: true }],
];

function badly(random: () => number): Behaviour {
  return () => {
    let chance = random();
    return MANNERS.find(([share]) => (chance -= share) < 0)?.[1];
  };
}

/**
 * Contributions that a wallet pays for which misbehaves, while two servers are killed with SIGKILL, one after the
 * other. Afterwards the books of the wallet and those of the journal must agree, and each call must have had its effect
 * once.
 */
export async function runWallets({ kills, seed, say }: WalletsOptions): Promise<WalletsReport> {
  const random = seeded(seed);
  const [world, wallet, receiver] = [await startTwoServers(), await WalletServer.start(), await Receiver.start()];
  try {
    const instance = await prepare(world, wallet);
    await world.must('admin', 'WebhookService.RotateWebhookSecret', { webhook_id: 'callbacks' });
    const players = Array.from({ length: PLAYERS }, () => newPlayer(wallet, 100_000));
    wallet.behaviour = badly(random);
    let killed = 0;
    const killing = (async () => {
      for (; killed < kills; killed++) {
        await sleep(300 + random() * 700);
        await world.kill(killed % 2);
        if (killed % 25 === 24) say(`${killed + 1} kills, ${wallet.calls.length} calls of the wallet`);
      }
    })();
    const calls: Contribution[] = [];
    let ended = false;
    const callers = Array.from({ length: CALLERS }, async () => {
      while (!ended) {
        const call = new Contribution(world, instance, {
          player: players[Math.floor(random() * PLAYERS)]!,
          callback: random() < ASYNC ? receiver.url : null,
        });
        calls.push(call);
        for (let tries = 0; tries < 3 && !(await call.ask()); tries++) await sleep(random() * 200);
      }
    });
    await killing;
    ended = true;
    await Promise.all(callers);
    wallet.behaviour = () => undefined;
    await finishAll(world.databaseUrl);
    for (const call of calls) for (let tries = 0; tries < 20 && !(await call.ask()); tries++) await sleep(200);
    await finishAll(world.databaseUrl);
    return { kills: killed, asked: wallet.calls.length, ...(await audit(world, wallet, instance, calls)) };
  } finally {
    await world.stop();
    await wallet.stop();
    await receiver.stop();
  }
}

async function prepare(world: TwoServers, wallet: WalletServer): Promise<string> {
  const [id, config] = [randomUUID(), settingsOf(wallet)];
  await world.must('admin', 'WalletService.SetWalletConfiguration', { wallet_type: 'ThrillGate', config });
  await world.must('admin', 'TemplateService.SaveTemplate', { template: { ...TEMPLATE, ...HITS, id } });
  await world.must('admin', 'TemplateService.PublishTemplate', { owner_id: 'demo', template_id: id });
  const made = await world.must('admin', 'TemplateService.InstantiateTemplate', {
    template_owner_id: 'demo',
    template_id: id,
    instance_owner_id: 'demo',
    instance_name: 'An instance',
  });
  const { id: instance_id } = made.instance ?? made;
  await world.must('admin', 'InstanceService.SetInstanceStatus', { instance_id, status: 'Active' });
  // The other server learns of the wallet within a second.
  await sleep(1200);
  return instance_id;
}

/** One contribution, which is asked for until it is answered. */
class Contribution {
  readonly #world: TwoServers;
  readonly #request: Parameters<TwoServers['ask']>[2];
  readonly isAsync: boolean;
  pending = 0;
  /** The answer that counts, and answers that contradict it. */
  answer: string | undefined;
  reason = '';
  readonly contradictions: string[] = [];

  constructor(
    world: TwoServers,
    instance: string,
    given: { readonly player: string; readonly callback: string | null },
  ) {
    this.#world = world;
    this.isAsync = given.callback !== null;
    this.#request = {
      target: { type: 'instance', id: instance },
      owner_id: 'demo',
      player: { id: given.player, token: 't', country: 'MT', brand_id: 'main' },
      base_wager: { currency: 'USD', value: 1 },
      idempotency_key: randomUUID(),
      ...(given.callback === null ? {} : { options: { callback: { web_hook: given.callback } } }),
    };
  }

  /** Asks again, also for what is known. @returns whether it is known now. */
  async ask(): Promise<boolean> {
    const { status, reason, body } = await this.#world.ask('service', 'ContributionService.Contribute', this.#request);
    if (status !== 'OK') {
      if (this.answer !== undefined) this.contradictions.push(`${reason} after ${this.answer}`);
      if (reason === 'WALLET_ERROR') this.pending += 1;
      this.reason = reason ?? String(status);
      return false;
    }
    const told = JSON.stringify(body);
    if (this.answer !== undefined && this.answer !== told) this.contradictions.push(`${told} after ${this.answer}`);
    this.answer = told;
    return true;
  }
}

async function audit(world: TwoServers, wallet: WalletServer, instance: string, calls: readonly Contribution[]) {
  const problems = calls.flatMap(({ contradictions }) => contradictions);
  const { databaseUrl } = world;
  const { contributed } = await assertBooks(wallet, databaseUrl).catch((error: Error) => {
    problems.push(error.message);
    return { contributed: 0 };
  });
  const [rows] = await runSql(
    databaseUrl,
    'select count(*) filter (where is_callback = 1)::int as async, ' +
      'count(*) filter (where is_callback = 1 and state = 3)::int as done from pots_wallet_call',
  );
  const [facts] = await runSql(databaseUrl, 'select count(*)::int as told from journal where kind = 1630');
  const done = calls.filter(({ answer, isAsync }) => answer !== undefined && !isAsync).length;
  if (contributed !== done + rows.done) problems.push(`${contributed} contributions, ${done} + ${rows.done} expected`);
  if (facts.told !== rows.async) problems.push(`${rows.async} acknowledged, ${facts.told} results`);
  const shown = await world.must('service', 'InstanceService.GetInstance', { instance_id: instance });
  const total = (shown.instance ?? shown).total_contributions;
  if (Number(total) !== contributed) problems.push(`${total} contributions of the instance, not ${contributed}`);
  for (const [player, balance] of wallet.balances) {
    const expected = 100_000_000_000n - wallet.takenFrom(player) + wallet.givenTo(player);
    if (balance !== expected) problems.push(`${player} has ${balance}, not ${expected}`);
  }
  const trial = await world.must('admin', 'LedgerService.GetTrialBalance', {});
  if (trial.balanced !== true) problems.push('the trial balance is not zero');
  const answers = calls.map(({ answer, isAsync, reason }) =>
    answer === undefined ? reason : isAsync ? 'acknowledged' : 'contributed',
  );
  return {
    problems,
    contributed,
    cancelled: [...wallet.debits.values()].filter(({ cancelled }) => cancelled).length,
    pending: calls.reduce((sum, one) => sum + one.pending, 0),
    answers: Object.fromEntries([...Map.groupBy(answers, (one) => one)].map(([name, all]) => [name, all.length])),
  };
}
