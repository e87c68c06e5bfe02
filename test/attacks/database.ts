import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Proxy } from '../journal/proxy.ts';
import { grpcApi, type Call } from '../support/api.ts';
import { startServer } from '../support/service.ts';
import { judge, tally, type Attack } from './attack.ts';
import type { Scene } from './scene.ts';

const [OTHERS_MAX_S, OWN_MAX_S, PATIENCE_S] = [5, 10, 45];
const CALLERS = 8;

interface Served {
  at: number;
  ms: number;
  ok: boolean;
}

/** Pays one player, whose account all callers need, until `over`. */
function load(
  call: Call,
  headers: Record<string, string>,
  signal: AbortSignal,
): { served: Served[]; done: Promise<unknown> } {
  const served: Served[] = [];
  const pay = {
    source: { kind: 'operator' },
    destination: { kind: 'player', user_id: 'hot' },
    asset: 'USD',
    amount: '1',
  };
  const caller = async (): Promise<void> => {
    while (!signal.aborted) {
      const started = performance.now();
      const key = { idempotency_key: randomUUID() };
      const { status } = await call('LedgerService.CreateTransfer', { ...pay, ...key }, headers);
      served.push({ at: performance.now(), ms: performance.now() - started, ok: status === 'OK' });
      if (status !== 'OK') await sleep(50);
    }
  };
  return { served, done: Promise.all(Array.from({ length: CALLERS }, caller)) };
}

const silence: Attack = {
  name: 'the network between one of two servers and PostgreSQL falls silent while both write the same rows',
  before: 'others waited 30 s, the server itself 60 s (issue)',
  patienceMs: 1000 * OTHERS_MAX_S,
  async run(scene: Scene) {
    const proxy = new Proxy(scene.databaseUrl);
    const wire = new URL(scene.databaseUrl);
    [wire.hostname, wire.port] = ['127.0.0.1', String(await proxy.listen())];
    const server = await startServer(wire.href);
    const { call, close } = grpcApi(server.address);
    const stop = new AbortController();
    try {
      const headers = await scene.as('service');
      const [own, others] = [load(call, headers, stop.signal), load(scene.grpc, headers, stop.signal)];
      await sleep(1000);
      proxy.silence();
      const silentAt = performance.now();
      const servesAgain = (): Served | undefined => own.served.find(({ at, ms, ok }) => ok && at - ms > silentAt);
      while (servesAgain() === undefined && performance.now() - silentAt < 1000 * PATIENCE_S) await sleep(100);
      const again = servesAgain();
      stop.abort();
      await Promise.race([Promise.all([own.done, others.done]), sleep(5000)]);
      const ownS = again === undefined ? PATIENCE_S : (again.at - silentAt) / 1000;
      const worst = Math.max(...others.served.map(({ ms }) => ms)) / 1000;
      const failed = others.served.filter(({ ok }) => !ok).length;
      return judge(
        `others waited ${worst.toFixed(1)} s at most, ${failed} of their calls failed; itself ${ownS.toFixed(1)} s`,
        {
          [`others waited ${worst.toFixed(1)} s`]: worst > OTHERS_MAX_S,
          [`itself did not serve for ${ownS.toFixed(1)} s`]: ownS > OWN_MAX_S,
        },
      );
    } finally {
      stop.abort();
      close();
      await server.end('SIGKILL');
      proxy.close();
    }
  },
};

const LARGEST = '9007199254.740991';

async function issued(scene: Scene): Promise<string> {
  const { assets } = await scene.must('admin', 'LedgerService.GetTrialBalance', {});
  return JSON.stringify(assets);
}

const overflow: Attack = {
  name: 'an operator’s account overflows: 1,200 of the largest transfers',
  before: 'after 960 the roll-up stopped for ever (issue)',
  async run(scene) {
    const service = await scene.as('service');
    const outcomes: string[] = [];
    for (let batch = 0; batch < 4; batch++) {
      const items = Array.from({ length: 300 }, (_, n) => ({
        source: { kind: 'operator' },
        destination: { kind: 'player', user_id: `rich-${batch}-${n}` },
        asset: 'EUR',
        amount: LARGEST,
        idempotency_key: `rich-${batch}-${n}`,
      }));
      const { body, reason } = await scene.grpc('LedgerService.BatchTransfer', { items }, service);
      const results = (body as { results?: { failure?: { reason: string } }[] } | null)?.results ?? [];
      outcomes.push(...(reason === null ? results.map(({ failure }) => failure?.reason ?? 'OK') : [reason]));
    }
    const before = await issued(scene);
    const small = { source: { kind: 'operator' }, destination: { kind: 'player', user_id: 'poor' }, asset: 'USD' };
    const last = { ...small, amount: '1', idempotency_key: scene.unique('last') };
    const { reason } = await scene.grpc('LedgerService.CreateTransfer', last, service);
    let follows = false;
    for (let tries = 0; tries < 50 && !follows; tries++) {
      await sleep(200);
      follows = (await issued(scene)) !== before;
    }
    return judge(`${tally(outcomes)}; the next one: ${reason ?? 'OK'}, rolled up: ${follows ? 'yes' : 'no'}`, {
      'another asset is refused': reason !== null,
      'the roll-up has stopped': !follows,
    });
  },
};

export const DATABASE: readonly Attack[] = [silence];
/** Last: what it breaks would stay broken. */
export const OVERFLOW: readonly Attack[] = [overflow];
