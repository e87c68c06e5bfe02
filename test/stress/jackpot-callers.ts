import { setTimeout as sleep } from 'node:timers/promises';
import { Plan, type Step, type Way } from './jackpot-plan.ts';
import { Server } from './jackpot-server.ts';
import type { Outcome, AnsweredCalls, Try } from './jackpot-answered.ts';

export interface CallersOptions {
  readonly addresses: readonly string[];
  readonly callers: number;
  /** Of all callers together. */
  readonly operations: number;
  /** How many of them are sent together at the most. */
  readonly messageMax: number;
  readonly seed: number;
  readonly answered: AnsweredCalls;
  readonly signal: AbortSignal;
}

const PAUSE_MS = 50;
/** A minute without an answer. */
const TRIES = 1200;

/** Runs all callers until they are done: what was not answered is sent again, with the same keys, until it is. */
export async function runCallers({
  addresses,
  callers,
  operations,
  messageMax,
  seed,
  answered,
  signal,
}: CallersOptions): Promise<void> {
  const own = Array.from({ length: callers }, () => addresses.map((address) => new Server(address)));
  const share = Math.ceil(operations / callers);
  try {
    await Promise.all(
      own.map(async (servers, caller) => {
        const plan = new Plan(seed, caller, messageMax, answered);
        for (let left = share; left > 0;) {
          const step = plan.next(left);
          const tries = step.messages.flat();
          await perform(step, servers, answered, signal);
          for (const one of tries) answered.count(one);
          left -= tries.length;
        }
      }),
    );
  } finally {
    for (const server of own.flat()) server.close();
  }
}

/** Sends a step, and what of it was not answered again, with the same keys, until it is. */
export async function perform(
  { way, server, messages }: Step,
  servers: readonly Server[],
  answered: AnsweredCalls,
  signal: AbortSignal,
): Promise<void> {
  const tries = messages.flat();
  let left: readonly Try[];
  if (way === 'twins' || way === 'pair') {
    const answers = await Promise.all(servers.map((one) => (way === 'twins' ? one.batch(tries) : one.each(tries))));
    left = take(
      servers.flatMap(() => tries),
      answers.flat(),
      answered,
    );
  } else {
    left = take(tries, await send(way, messages, servers[server]!), answered);
  }
  for (let turn = server + 1; left.length > 0; turn++) {
    if (turn > TRIES) throw new Error(`${left.length} calls are not answered however often they are sent`);
    signal.throwIfAborted();
    await sleep(PAUSE_MS);
    // What is left of several messages goes as one; it is in order still.
    const rest = way === 'unary' || way === 'pair' ? [left] : chunks(left);
    left = take(left, await send(way, rest, servers[turn % servers.length]!), answered);
  }
}

async function send(way: Way, messages: readonly (readonly Try[])[], server: Server): Promise<Outcome[]> {
  if (way === 'stream') return server.stream(messages);
  if (way === 'unary' || way === 'pair') return server.each(messages.flat());
  const answers: Outcome[] = [];
  for (const message of messages) answers.push(...(await server.batch(message)));
  return answers;
}

/**
 * Records the outcomes of attempts: refusals first, because one of several concurrent copies may be refused before
 * another is done. Returns the tries that are to be sent again.
 */
function take(tries: readonly Try[], outcomes: readonly Outcome[], answered: AnsweredCalls): Try[] {
  if (outcomes.length !== tries.length) throw new Error(`${tries.length} items have ${outcomes.length} answers`);
  const pairs = tries.map((one, i) => ({ one, outcome: outcomes[i]! }));
  const isRefusal = ({ outcome }: { outcome: Outcome }): boolean => outcome !== null && 'reason' in outcome;
  const ordered = [...pairs.filter(isRefusal), ...pairs.filter((pair) => !isRefusal(pair))];
  for (const { one, outcome } of ordered) answered.take(one, outcome);
  return pairs.filter(({ outcome }) => outcome === null).map(({ one }) => one);
}

function chunks(tries: readonly Try[]): Try[][] {
  return Array.from({ length: Math.ceil(tries.length / 500) }, (_, i) => tries.slice(i * 500, (i + 1) * 500));
}
