import type { DescMethod, JsonObject } from '@bufbuild/protobuf';
import { methods, optionOf } from '../support/api.ts';
import { CaseRun, CASES } from './fuzz-cases.ts';
import type { Called, Face } from './fuzz-faces.ts';
import type { Requests } from './fuzz-requests.ts';
import { OWN_PASSWORDS, PLAYERS, type FuzzCallers } from './fuzz-scene.ts';
import type { Words } from './fuzz-words.ts';

/** What was called, and what became of it, of one RPC over one face. */
export interface Tally {
  sent: number;
  /** How many got past authentication, permission and validation. */
  past: number;
  readonly codes: Map<string, number>;
}

/** What several runs have called together. */
export function together(runs: readonly FuzzRun[]): Map<string, Tally> {
  const all = new Map<string, Tally>();
  for (const [rpc, { sent, past, codes }] of runs.flatMap(({ tallies }) => [...tallies])) {
    const tally = all.get(rpc) ?? { sent: 0, past: 0, codes: new Map<string, number>() };
    all.set(rpc, tally);
    tally.sent += sent;
    tally.past += past;
    for (const [code, count] of codes) tally.codes.set(code, (tally.codes.get(code) ?? 0) + count);
  }
  return all;
}

/** An answer that must not be. */
export interface Fault {
  readonly face: string;
  readonly rpc: string;
  readonly as: string;
  readonly code: string;
  readonly request: string;
  readonly answer: string;
}

interface Tools {
  readonly face: Face;
  readonly callers: FuzzCallers;
  readonly words: Words;
  readonly requests: Requests;
  random(): number;
}

/** Codes that a server has no excuse for. */
const FAULTS = new Set(['INTERNAL', 'UNKNOWN', 'DATA_LOSS', 'UNIMPLEMENTED', 'UNAVAILABLE', 'hang', 'OVERLOADED']);
const REFUSED_BEFORE = new Set(['INVALID_ARGUMENT', 'UNAUTHENTICATED', 'PERMISSION_DENIED', '400', '401', '403']);
/** Of a case of the contract, how often a step is changed; of a request that was made, how often. */
const CHANGED = 0.4;
/** How often a caller is one that the RPC is not for. */
const OTHER_CALLER = 0.05;

/** Calls RPCs over one face, again and again, with requests that are mostly valid. */
export class FuzzRun {
  readonly tallies = new Map<string, Tally>();
  readonly faults: Fault[] = [];
  sent = 0;
  readonly #tools: Tools;

  constructor(tools: Tools) {
    this.#tools = tools;
  }

  /** Runs until `count` requests were sent, one after another. */
  async run(count: number): Promise<void> {
    while (this.sent < count) await (this.#tools.random() < 0.5 ? this.#case() : this.#generated());
  }

  /** The steps of a case, some of them changed, for one of two operators. */
  async #case(): Promise<void> {
    const { random, requests, words } = this.#tools;
    const run = new CaseRun();
    const isOther = random() < 0.25;
    for (const step of CASES[Math.floor(random() * CASES.length)]!) {
      const [service = ''] = step.call.split('.');
      const method = methods.get(step.call)!;
      let request = run.fill(step.request) as JsonObject;
      if (isOther) request = moved(request);
      if (random() < CHANGED) request = requests.mutated(service, method.input, request);
      const called = await this.#send(method, request, step.as, isOther, run.player);
      const body = called?.outcome?.body;
      if (called?.outcome?.reason !== null || body === undefined || body === null) continue;
      run.keep(step, body);
      words.learn(step.call, body);
    }
  }

  /** A request of a random RPC, made from its rules. */
  async #generated(): Promise<void> {
    const { random, requests, words } = this.#tools;
    const all = [...methods];
    const [rpc, method] = all[Math.floor(random() * all.length)]!;
    const [service = ''] = rpc.split('.');
    let request = requests.valid(service, method.input);
    if (random() < CHANGED) request = requests.mutated(service, method.input, request);
    const called = await this.#send(method, request, this.#callerOf(method), random() < 0.1, PLAYERS[0]!);
    if (called?.outcome?.reason === null) words.learn(rpc, called.outcome.body);
  }

  #callerOf(method: DescMethod): string {
    const { random } = this.#tools;
    const any = ['admin', 'service', 'player', 'anonymous', 'root', 'brand of all', 'only read'];
    const pick = (values: readonly string[]): string => values[Math.floor(random() * values.length)]!;
    if (random() < OTHER_CALLER) return pick(any);
    const { roles = [] } = optionOf<{ roles?: readonly number[] }>(method, 'windfall.options.v1.access');
    const fitting = roles.flatMap((role) => ROLES[role] ?? []);
    return fitting.length === 0 ? 'admin' : pick(fitting);
  }

  async #send(
    method: DescMethod,
    asked: JsonObject,
    as: string,
    isOther: boolean,
    user: string,
  ): Promise<Called | undefined> {
    const rpc = `${method.parent.name}.${method.name}`;
    const { face, callers } = this.#tools;
    if (!face.has(method) || endsCampaign(rpc, asked)) return undefined;
    const headers = await callers.headers(as, isOther, user);
    const called = await face.call(rpc, asked, headers);
    if (called === undefined) return undefined;
    this.sent += 1;
    this.#count(rpc, called);
    const { code, outcome } = called;
    if (isFault(called))
      this.faults.push({
        face: face.name,
        rpc,
        as: `${as}${isOther ? ' of beta' : ''}`,
        code,
        request: JSON.stringify(asked),
        answer: JSON.stringify(outcome),
      });
    return called;
  }

  #count(rpc: string, { code, outcome }: Called): void {
    const tally = this.tallies.get(rpc) ?? { sent: 0, past: 0, codes: new Map<string, number>() };
    this.tallies.set(rpc, tally);
    tally.sent += 1;
    const shown = outcome?.reason === undefined || outcome.reason === null ? code : `${code} ${outcome.reason}`;
    tally.codes.set(shown, (tally.codes.get(shown) ?? 0) + 1);
    if (!REFUSED_BEFORE.has(code)) tally.past += 1;
  }
}

const isFault = ({ code, outcome }: Called): boolean =>
  FAULTS.has(code) || code.startsWith('broken') || Number(code) >= 500 || outcome?.reason === 'INTERNAL';

/** As `ROLE_…` of the contract. */
const ROLES: Readonly<Record<number, readonly string[]>> = {
  1: ['anonymous'],
  2: ['player'],
  3: ['service', 'service', 'brand of all'],
  4: ['admin', 'admin'],
  5: ['root'],
};

/** The same request for the other operator, which has more than one brand. */
function moved(request: JsonObject): JsonObject {
  const text = JSON.stringify(request);
  const named = 'user_id' in request && !('brand_id' in request) ? { brand_id: '2001' } : {};
  const others = text.replaceAll(/"demo(?=[":])/g, '"beta').replaceAll('"1001"', '"2001"');
  return { ...(JSON.parse(others) as JsonObject), ...named };
}

/** Whether a request would end the campaign's own callers, or serve nobody any more. */
function endsCampaign(rpc: string, request: JsonObject): boolean {
  const id = Number(request['admin_id'] ?? request['key_id'] ?? NaN);
  if (/^(AuthService.RevokeApiKey|AdminService.(RevokeAdminTokens|RemoveAdmin))$/.test(rpc)) return !(id > OWN_BELOW);
  if (rpc === 'AdminService.ChangePassword') return OWN_PASSWORDS.includes(String(request['old_password']));
  if (rpc === 'WalletService.SetWalletConfiguration') return request['wallet_type'] !== 'InMemory';
  // With a second brand each request would have to name one.
  if (/^OperatorService.(AddBrands|SaveOperators)$/.test(rpc)) return JSON.stringify(request).includes('"demo');
  if (rpc !== 'OperatorService.UpdateOperator') return false;
  return request['enabled'] === false && ['demo', 'beta'].includes(String(request['operator_id']));
}

/** The numbers of the campaign's own admins and keys are not above. */
const OWN_BELOW = 20;
