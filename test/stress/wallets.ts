import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { JsonObject } from '@bufbuild/protobuf';
import { WalletServer, type Behaviour, type Manner } from '../engines/pots/wallet-server.ts';
import { finishAll, newPlayer } from '../engines/pots/wallet-stage.ts';
import { seeded } from '../support/requests.ts';
import { Receiver } from '../webhooks/receiver.ts';
import { allDone } from './pots-tasks.ts';
import { giveBack } from './trouble.ts';
import { startTwoServers, type TwoServers } from './two-servers.ts';
import { audit } from './wallets-audit.ts';
import { operate, prepare } from './wallets-scene.ts';

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
  /** What was credited besides contributions, by reason. */
  readonly owed: Readonly<Record<string, number>>;
  readonly rejected: number;
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

/** How often it takes no session; and how often a call is repeated with one that has expired. */
const REFUSES = 0.05;
const EXPIRED = 0.3;
const REFUSED: Manner = { does: false, answers: { status: 403, body: { code: 'TOKEN_INVALID' } } };
/** After a debit that is late it takes all sessions for so long: one that was cancelled first nobody would cancel. */
const LATE_MS = 1000;

function badly(random: () => number): Behaviour {
  const late = new Map<string, number>();
  return (action, { player_id: player }) => {
    if (action === 'authenticate' && random() < REFUSES && !(late.get(player!)! > Date.now())) return REFUSED;
    let chance = random();
    const manner = MANNERS.find(([share]) => (chance -= share) < 0)?.[1];
    if (action === 'debit' && manner?.isLate === true) late.set(player!, Date.now() + LATE_MS);
    return manner;
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
    const scene = await prepare(world, wallet);
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
        const call = new Contribution(world, scene.all[Math.floor(random() * scene.all.length)]!, {
          player: players[Math.floor(random() * PLAYERS)]!,
          callback: random() < ASYNC ? receiver.url : null,
        });
        calls.push(call);
        for (let tries = 0; tries < 3 && !(await call.ask(tries > 0 && random() < EXPIRED)); tries++)
          await sleep(random() * 200);
        // It may not have begun yet, or at another server.
        if (call.isAsync && random() < EXPIRED) await call.ask(true);
      }
    });
    const operating = operate(world, scene, { players, random, ended: () => ended });
    await killing;
    ended = true;
    await Promise.all([...callers, operating]);
    wallet.behaviour = () => undefined;
    await finishAll(world.databaseUrl);
    for (const call of calls) for (let tries = 0; tries < 20 && !(await call.ask()); tries++) await sleep(200);
    await giveBack(world.databaseUrl);
    await allDone(world.databaseUrl);
    await finishAll(world.databaseUrl);
    return { kills: killed, asked: wallet.calls.length, ...(await audit(world, wallet, scene, calls)) };
  } finally {
    await world.stop();
    await wallet.stop();
    await receiver.stop();
  }
}

/** One contribution, which is asked for until it is answered. */
class Contribution {
  readonly #world: TwoServers;
  readonly #request: JsonObject;
  readonly #player: JsonObject;
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
    this.#player = { id: given.player, country: 'MT', brand_id: 'main' };
    this.#request = {
      target: { type: 'instance', id: instance },
      owner_id: 'demo',
      base_wager: { currency: 'USD', value: 1 },
      idempotency_key: randomUUID(),
      ...(given.callback === null ? {} : { options: { callback: { web_hook: given.callback } } }),
    };
  }

  /** Asks again, also for what is known. @returns whether it is known now. */
  async ask(isExpired = false): Promise<boolean> {
    const player = { ...this.#player, token: isExpired ? 'expired' : 't' };
    const request = { ...this.#request, player };
    const { status, reason, body } = await this.#world.ask('service', 'ContributionService.Contribute', request);
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
