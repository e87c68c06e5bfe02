import { setTimeout as sleep } from 'node:timers/promises';
import type { JsonObject } from '@bufbuild/protobuf';
import { grpcApi, type Headers } from '../support/api.ts';
import { Callers } from '../support/callers.ts';
import { startOwnCluster } from '../support/own-cluster.ts';
import { lastingPort, startServer, type ServerProcess } from '../support/service.ts';
import { Receiver } from '../webhooks/receiver.ts';
import { AnsweredPots } from './pots-answered.ts';
import { auditPots, type PotsAudit } from './pots-audit.ts';
import { PotsCaller } from './pots-callers.ts';
import { PURSE } from './pots-compare.ts';
import { CURRENCIES, INSTANCES, RATES, templateOf } from './pots-instances.ts';
import { playerOf, type PotsOptions } from './pots-patience.ts';
import { PotsServer, SERVICE, type Places } from './pots-server.ts';
import { allDone, isCarrying, runAgain } from './pots-tasks.ts';
import { PotsWarden } from './pots-warden.ts';
import { Windows } from './pots-windows.ts';
import { Trouble, type Moments, type TroubleOptions } from './trouble.ts';

export interface PotsReport extends PotsAudit {
  readonly answered: AnsweredPots;
  readonly kills: number;
  readonly crashes: number;
  /** Results that were called back, each once or more often. */
  readonly webhooks: number;
  readonly ms: number;
  readonly auditMs: number;
}

type Options = PotsOptions & TroubleOptions & { readonly signal?: AbortSignal };

/**
 * Players contribute to instances and opt in, and operators adjust, transfer, trigger and pause, while two servers are
 * killed and PostgreSQL crashes. Then everything stored is held against a sequential model, and against what was told.
 */
export async function runPots(options: Options): Promise<PotsReport> {
  const cluster = await startOwnCluster();
  const receiver = await Receiver.start();
  const servers: ServerProcess[] = [];
  try {
    const ports = [await lastingPort(), await lastingPort()];
    for (const port of ports) servers.push(await startServer(cluster.url, { GRPC_PORT: String(port) }));
    const answered = new AnsweredPots();
    const { admin, places } = await furnish(servers[0]!.address, cluster.url, options, `${receiver.url}`);
    for (const { id } of INSTANCES) answered.statuses.set(id, ['Active']);
    const trouble = new Trouble(cluster, servers, ports);
    const own = servers.map(({ address }) => new PotsServer(address, places));
    const began = Date.now();
    await runTogether(options, own, places, answered, trouble, admin, cluster.url);
    const ended = Date.now();
    await allDone(cluster.url);
    const webhooks = () => new Map(receiver.received.map(({ id, body }) => [id, body]));
    const calls = { places, own: own[0]!, webhooks };
    const audited = await settled(cluster.url, answered, calls);
    for (const server of own) server.close();
    const { kills, crashes } = trouble;
    return { ...audited, answered, kills, crashes, ms: ended - began, auditMs: Date.now() - ended };
  } catch (error) {
    const logs = servers.map(({ log }) => log().slice(-2000));
    throw new Error(`${(error as Error).message}; the servers' logs end with:\n${logs.join('\n')}`, { cause: error });
  } finally {
    await Promise.all(servers.map((server) => server.end('SIGKILL')));
    await receiver.stop();
    await cluster.remove();
  }
}

interface Calls {
  readonly places: Places;
  readonly own: PotsServer;
  /** The bodies that were called back, by the ids of their events. */
  webhooks(): ReadonlyMap<string, string>;
}

/** Audits, and waits until all is called back that the journal says. */
async function settled(url: string, answered: AnsweredPots, { places, own, webhooks }: Calls) {
  const audited = await auditPots(url, answered, places);
  const problems = [...audited.problems];
  const expected = [...audited.called.values()].reduce((sum, texts) => sum + texts.length, 0);
  for (const until = Date.now() + 60_000; webhooks().size < expected && Date.now() < until;) await sleep(100);
  const got = new Map<string, string[]>();
  for (const body of webhooks().values()) {
    const { metadata, ...result } = JSON.parse(body);
    got.set(metadata.tag, [...(got.get(metadata.tag) ?? []), own.resultText(result)]);
  }
  for (const [tag, texts] of audited.called) {
    const [is, should] = [got.get(tag) ?? [], texts].map((all) => all.toSorted().join('; '));
    if (is !== should) problems.push(`${tag} was called back as ${is}, the journal says ${should}`);
  }
  return { ...audited, problems, webhooks: webhooks().size };
}

/** Runs callers, the warden and trouble until the callers are done; if one fails the others are stopped first. */
async function runTogether(
  options: Options,
  own: readonly PotsServer[],
  places: Places,
  answered: AnsweredPots,
  trouble: Trouble,
  admin: Headers,
  url: string,
): Promise<void> {
  const stop = new AbortController();
  const signal = AbortSignal.any([stop.signal, ...(options.signal === undefined ? [] : [options.signal])]);
  const failing = (error: unknown): never => {
    stop.abort(error);
    throw error;
  };
  const callers = Array.from(
    { length: options.callers },
    (_, caller) => new PotsCaller(options, caller, own, places, answered),
  );
  const warden = new PotsWarden(options, own, places, answered, admin);
  let done = false;
  /** Trouble comes while opt-ins are carried if that is soon, and in any case before the callers are done. */
  const moments: Moments = {
    before() {
      const late = answered.operations + options.operations / 20;
      return isCarrying(url, () => done || answered.operations > late);
    },
    after: () => runAgain(url),
  };
  const outcomes = await Promise.allSettled([
    Promise.all(callers.map((caller) => caller.run(signal)))
      .catch(failing)
      .finally(() => (done = true)),
    warden.run(signal, () => done).catch(failing),
    trouble.run(options, answered, signal, moments).catch(failing),
  ]);
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
  await warden.close(signal);
}

/** Creates the instances, and the players with their money. */
async function furnish(
  address: string,
  url: string,
  { callers, playersPerCaller }: PotsOptions,
  hook: string,
): Promise<{ readonly admin: Headers; readonly places: Places }> {
  const api = grpcApi(address);
  try {
    const admin = await new Callers(api.call, url).headers('admin', '');
    const done = async (rpc: string, request: JsonObject, headers: Headers = admin): Promise<any> => {
      const { status, reason, details, body } = await api.call(rpc, request, headers);
      if (status !== 'OK') throw new Error(`${rpc}: ${reason} ${JSON.stringify(details)}`);
      return body;
    };
    await done('CurrencyService.SetCurrencies', {
      brand_id: 'demo:main',
      base_currency: 'USD',
      multipliers: { ...RATES },
    });
    await done('WebhookService.RotateWebhookSecret', { webhook_id: 'callbacks' });
    const ids = new Map<string, string>();
    const windows = new Windows();
    for (const terms of INSTANCES) {
      await done('TemplateService.SaveTemplate', { template: templateOf(terms) });
      await done('TemplateService.PublishTemplate', { owner_id: 'demo', template_id: terms.id });
      const named = {
        template_owner_id: 'demo',
        template_id: terms.id,
        instance_owner_id: 'demo',
        instance_name: terms.id,
        ...(terms.windows === true ? { schedule: windows.schedule } : {}),
      };
      const { id } = await done('TemplateService.InstantiateTemplate', named);
      ids.set(terms.id, id);
    }
    for (const { id, links } of INSTANCES) {
      const linked = links.map((name) => ids.get(name)!);
      if (linked.length > 0)
        await done('InstanceService.SetInstanceLinks', { instance_id: ids.get(id)!, links: linked });
      await done('InstanceService.SetInstanceStatus', { instance_id: ids.get(id)!, status: 'Active' });
    }
    const jackpots = ['main', 'spare'].map((name, priority) => ({ priority, instance_id: ids.get(name)! }));
    await done('SourceService.AddSources', {
      items: [{ owner_id: 'demo:main', source_name: 'Casino', source_id: 'casino', jackpots }],
    });
    for (let caller = 0; caller < callers; caller++) {
      const items = Array.from({ length: playersPerCaller }, (_, n) => n).flatMap((n) =>
        CURRENCIES.map((asset) => ({
          asset,
          source: { kind: 'operator' },
          destination: { kind: 'player', user_id: playerOf(caller, n) },
          amount: String(PURSE / 1_000_000n),
          idempotency_key: `purse-${caller}-${n}-${asset}`,
        })),
      );
      await done('LedgerService.BatchTransfer', { items }, SERVICE);
    }
    return { admin, places: { ids, hook, windows, names: new Map([...ids].map(([name, id]) => [id, name])) } };
  } finally {
    api.close();
  }
}
