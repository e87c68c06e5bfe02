import { PotInput, UpdateJackpotRequest, type WinRule } from '../../../gen/ts/windfall/jackpot/v1/jackpot.ts';
import { Definitions, Versions } from '../../../src/catalogue/index.ts';
import { createOrm, createReads } from '../../../src/db/index.ts';
import { engines } from '../../../src/engines/index.ts';
import type { Jackpot } from '../../../src/engines/jackpot/bound.ts';
import { jackpots } from '../../../src/engines/jackpot/definition.ts';
import { jackpotDraws } from '../../../src/engines/jackpot/proof.ts';
import { archiveDefinition, updateDefinition } from '../../../src/engines/kit/changing.ts';
import type { Proof } from '../../../src/fairness/index.ts';
import { findOperation, rowNumbers, type Journal } from '../../../src/journal/index.ts';
import type { Caller } from '../../../src/kernel/index.ts';
import type { Platform } from '../../../src/platform/index.ts';
import type { Context } from '../../../src/rpc/index.ts';
import { entitiesOf } from '../../../src/schema.ts';
import { Tasks } from '../../../src/tasks/index.ts';
import { Directory } from '../../../src/tenants/index.ts';
import { register } from '../../journal/fixture.ts';
import { runSql } from '../../support/sql.ts';
import { ASSET, keys, type PotTerms } from './fixture.ts';

/** What engines' tasks and proofs ask of a platform, on a journal. */
export function platformOn(
  databaseUrl: string,
  journal: Journal,
): { readonly platform: Platform; close(): Promise<void> } {
  const orm = createOrm({ databaseUrl, databasePool: 2 }, entitiesOf(engines));
  const reads = createReads(orm);
  const tenants = new Directory(reads);
  const parts: Partial<Platform> = {
    orm,
    reads,
    register,
    journal,
    keys,
    tenants,
    definitions: new Definitions(reads, tenants),
    versions: new Versions(reads),
    newId: rowNumbers(reads),
  };
  return { platform: parts as Platform, close: () => orm.close() };
}

/** The tasks of a server process, with its own platform. */
export interface TaskProcess {
  readonly platform: Platform;
  stop(): Promise<void>;
}

/** Runs the tasks of all engines as a server process does. The operator has the jackpots' asset from now on. */
export async function startTasks(
  databaseUrl: string,
  journal: Journal,
  fault: (error: unknown) => void,
): Promise<TaskProcess> {
  await runSql(
    databaseUrl,
    'insert into asset (operator_id, asset_no, code, kind) ' +
      "values (1, $1, 'USD', 'currency') on conflict do nothing",
    [ASSET],
  );
  const { platform, close } = platformOn(databaseUrl, journal);
  const tasks = new Tasks(
    { databaseUrl, fault },
    platform,
    engines.flatMap((engine) => engine.tasks ?? []),
  );
  return {
    platform,
    async stop() {
      await tasks.stop();
      await close();
    },
  };
}

const admin: Caller = { role: 'admin', operator: 1, brand: null, scopes: new Set(), userId: null, name: 'admin:1' };

/** Has an admin set a jackpot's status. */
export async function setStatus(
  platform: Platform,
  { code }: Jackpot,
  status: 'active' | 'paused' | 'archived',
): Promise<void> {
  const { signal } = new AbortController();
  const call = { caller: admin, signal, deadlineMs: Infinity, markReplayed: () => undefined } as unknown as Context;
  const request = { id: code, idempotencyKey: '', reason: '', pots: [], operatorShare: '', winSelector: '' };
  if (status === 'archived') await archiveDefinition(platform, jackpots, '', request, call);
  else await updateDefinition(platform, jackpots, '', { ...request, status }, call);
}

/** Numbers of new rows that the fixture does not use. */
let numbers = 900_000;

/** Has an admin publish another version. Returns it, prepared. */
export async function updateJackpot(
  platform: Platform,
  { code }: Jackpot,
  change: { readonly name?: string; readonly pots?: readonly PotTerms[] },
): Promise<Jackpot> {
  const { signal } = new AbortController();
  const call = { caller: admin, signal, deadlineMs: Infinity, markReplayed: () => undefined } as unknown as Context;
  const request = {
    ...UpdateJackpotRequest.fromPartial({ id: code, ...(change.name !== undefined && { name: change.name }) }),
    pots: (change.pots ?? []).map(potInput),
  };
  const numbered = { ...platform, newId: async () => numbers++ } as Platform;
  await updateDefinition(numbered, jackpots, '', request as never, call);
  return platform.definitions.get(jackpots, 1, code, true);
}

function potInput(terms: PotTerms): PotInput {
  const { hitRate, mustDrop, externalDrop } = terms;
  const rules: NonNullable<WinRule['rule']>[] = [];
  if (hitRate !== null) rules.push({ $case: 'hitRate', value: { cost: hitRate.cost, odds: BigInt(hitRate.odds) } });
  if (mustDrop?.kind === 'value') rules.push({ $case: 'mustDropValue', value: { value: mustDrop.at } });
  if (externalDrop) rules.push({ $case: 'externalDrop', value: {} });
  return {
    ...PotInput.fromPartial({ id: terms.id, seed: terms.seed, seedShare: terms.seedShare, fixedValue: terms.fixed }),
    share: { $case: 'fraction', value: terms.share },
    fundStrategy: terms.collect === 'always' ? 'collect_always' : 'collect_to_seed',
    maxValue: terms.maxValue ?? '',
    maxStep: terms.maxStep === '0' ? '' : terms.maxStep,
    minContribution: terms.minContribution,
    winRules: rules.map((rule) => ({ rule })),
  };
}

/** A fact of an operation, with its proofs. */
export async function proven(
  platform: Platform,
  operationId: string,
  part: number,
): Promise<{ readonly data: unknown; readonly proofs: readonly Proof[] }> {
  const operation = await platform.reads((em) => findOperation(em, register, 1, operationId));
  const { kind, id, data } = operation!.facts[part]!;
  const draws = jackpotDraws(platform).find((one) => one.kind === kind)!;
  return {
    data,
    proofs: (await draws.prove(1, id, data, { operator: 'o', operation: operationId, part, time: operation!.time }))!
      .proofs,
  };
}
