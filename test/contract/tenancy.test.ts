import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, test } from 'vitest';
import type { JsonObject, JsonValue } from '@bufbuild/protobuf';
import pg from 'pg';
import { streamId } from '../../src/fairness/index.ts';
import { accountId } from '../../src/journal/index.ts';
import { loadContract, type MethodPolicy } from '../../src/rpc/index.ts';
import type { Headers } from '../support/api.ts';
import { startService, type Service } from '../support/service.ts';
import { Scene } from './scene.ts';
import { ENTRIES } from './tenancy-table.ts';
import { NOT_FOUND, type Entry } from './tenancy-things.ts';
import { CALLERS, Tenants, type Who } from './tenants.ts';

// Each request names things of operator A and its first brand. What must come of a call follows from the contract's
// options, and from what the request names.

const contract = loadContract(new URL('../../gen/api.binpb', import.meta.url));
const policies = new Map(
  [...contract.methods.values()].map((one) => [`${one.desc.parent.name}.${one.desc.name}`, one]),
);
const rpcOf = (name: string): string => name.split(' ', 1)[0]!;

let service: Service;
let tenants: Tenants;
let database: pg.Client;
beforeAll(async () => {
  service = await startService();
  tenants = await Tenants.start(service, contract.scopes);
  database = new pg.Client({ connectionString: service.databaseUrl });
  await database.connect();
});
afterAll(async () => {
  await database.end();
  await service.stop();
});

/** The reason by which a caller must be refused; null: it must not. */
function expected(
  { access }: MethodPolicy,
  { names, refusal }: Entry,
  { role, scoped, operator, brand, named }: Who,
): string | null {
  if (!access.roles.has(role)) return role === 'anonymous' ? 'UNAUTHENTICATED' : 'PERMISSION_DENIED';
  if (role === 'service' && !scoped && access.scope !== null) return 'SCOPE_MISSING';
  const self = operator === 'A' && brand === 1 && named;
  for (const thing of names) {
    if (thing === 'player' && (role === 'player' || role === 'anonymous')) {
      if (self) continue;
      return 'PERMISSION_DENIED';
    }
    // Whether a player's stream exists is nobody's business but the player's.
    if (thing === 'stream' && (role === 'player' || role === 'anonymous') && !self) return NOT_FOUND[thing].operator;
    if (operator === 'B') return NOT_FOUND[thing].operator;
    const { brand: notFound } = NOT_FOUND[thing];
    if (brand === 2 && notFound !== null) return notFound;
  }
  return refusal ?? null;
}

/** Whether the things of a scene are the caller's own, so that it may see and change them. */
const isOwn = ({ operator, brand, role, named }: Who): boolean =>
  operator === 'A' && brand !== 2 && (role !== 'player' || named);

interface Came {
  readonly reason: string | null;
  readonly text: string;
}

const headersOf = (rpc: string, caller: Who, scene: Scene): Promise<Headers> =>
  tenants.headers(caller, policies.get(rpc)!.access.scope, scene);

async function call(rpc: string, request: JsonObject, caller: Who, scene: Scene): Promise<Came> {
  const { reason, body } = await service.grpc(rpc, request, await headersOf(rpc, caller, scene));
  const told = body as { results?: { failure?: { reason: string } }[]; errors?: Record<string, string> } | null;
  const failed = told?.results?.[0]?.failure?.reason ?? Object.values(told?.errors ?? {})[0];
  return { reason: reason ?? failed ?? null, text: JSON.stringify(body) };
}

interface State {
  /** The player of a scene: balances, statements, seeds. */
  readonly player: string;
  /** How often anything of operator A was changed by a call. */
  readonly changes: number;
}

async function stateOf(scene: Scene): Promise<State> {
  const find = 'select id from player where operator_id = 1 and brand_id = 1001 and user_id = $1';
  const no = Number((await database.query(find, [scene.player])).rows[0]?.id ?? 0);
  const accounts = [0, 1, 2].map((asset) => accountId('player', no, asset));
  const text =
    "select (select count(*) from journal where operator_id = 1 and caller <> 'task') as changes, json_build_array(" +
    '(select json_agg(a order by a.id) from account a where a.operator_id = 1 and a.id = any($1) ' +
    'and (a.balance, a.lines) <> (0, 0)), ' +
    '(select json_agg(s) from seed_stream s where s.operator_id = 1 and s.id = $2))::text as player';
  const { changes, player } = (await database.query(text, [accounts, streamId('player', no)])).rows[0];
  return { player, changes: Number(changes) };
}

/** What these callers do changes nothing of operator A. */
async function unchanged(scene: Scene, callers: readonly Who[], act: () => Promise<unknown>): Promise<void> {
  const before = await stateOf(scene);
  await act();
  assert.deepEqual(await stateOf(scene), before, `one of these has changed A: ${callers.map(({ name }) => name)}`);
}

/** Has callers act one after another. Those of B change nothing of operator A, those of A nothing of its player. */
async function eachOperator(callers: readonly Who[], scene: Scene, act: (one: Who) => Promise<void>): Promise<void> {
  const [own, foreign] = [callers.filter((one) => one.operator === 'A'), callers.filter((one) => one.operator === 'B')];
  await unchanged(scene, foreign, async () => {
    for (const one of foreign) await act(one);
  });
  const { player } = await stateOf(scene);
  for (const one of own) await act(one);
  if (own.length === 0) return;
  const names = own.map(({ name }) => name);
  assert.equal((await stateOf(scene)).player, player, `one of these has changed A's player: ${names}`);
}

test('every RPC has an entry, and every entry an RPC', async (t) => {
  const listed = new Set(Object.keys(ENTRIES).map(rpcOf));
  assert.deepEqual([...policies.keys()].sort(), [...listed].sort());
  const [requests, callers] = [Object.keys(ENTRIES).length, CALLERS.length];
  await t.annotate(`${listed.size} RPCs, ${requests} requests × ${callers} callers = ${requests * callers} cells`);
});

/** Fields that name something of the caller's own choice. */
const CHOSEN =
  /^(idempotency_key|(natural_)?key|page_token|(pot|definition|source_wager|message|gameround|provider|vertical)_id)$/;

for (const [rpc, { desc }] of policies) {
  const entries = Object.entries(ENTRIES).filter(([name]) => rpcOf(name) === rpc);
  test(`the requests of ${rpc} name all that it can name`, async () => {
    const scene = new Scene(service);
    const named = new Set<string>();
    for (const [, { request }] of entries) collectNames(await request(scene), named);
    const fields = [desc.input, ...desc.input.fields.flatMap(({ message }) => message ?? [])].flatMap(
      (one) => one.fields,
    );
    const ids = fields
      .map(({ name }) => name)
      .filter((name) => /(^|_)(id|key|token)$/.test(name) && !CHOSEN.test(name));
    // A lootbox, jackpot or pot that is being created has no things yet.
    assert.deepEqual(
      ids.filter((name) => !named.has(name) && !/^(Create|Update)/.test(desc.name)),
      [],
    );
  });
}

function collectNames(value: JsonValue, names: Set<string>): void {
  if (Array.isArray(value)) return value.forEach((one) => collectNames(one, names));
  if (value === null || typeof value !== 'object') return;
  for (const [name, inside] of Object.entries(value)) collectNames((names.add(name), inside), names);
}

for (const [name, entry] of Object.entries(ENTRIES)) {
  const rpc = rpcOf(name);
  describe(name, () => {
    const policy = policies.get(rpc)!;
    const wanted = (caller: Who): string | null => expected(policy, entry, caller);
    const foreign = CALLERS.filter((caller) => wanted(caller) !== null || !isOwn(caller));

    test('is refused to those who may not call it, and finds nothing of another operator or brand', async () => {
      const scene = new Scene(service);
      const request = await entry.request(scene);
      const secrets = await scene.secrets();
      for (const caller of foreign) await headersOf(rpc, caller, scene);
      const [refused, served] = [foreign.filter((one) => wanted(one) !== null), foreign.filter((one) => !wanted(one))];
      await unchanged(scene, refused, () =>
        Promise.all(
          refused.map(async (caller) => {
            const { reason, text } = await call(rpc, request, caller, scene);
            assert.equal(reason, wanted(caller), `${caller.name}: ${text}`);
          }),
        ),
      );
      await eachOperator(served, scene, async (caller) => {
        const { reason, text } = await call(rpc, request, caller, scene);
        assert.equal(reason, null, `${caller.name}: ${text}`);
        if (entry.open === true) return;
        assertSilent(text, caller.operator === 'B' ? secrets : [scene.player], request, caller, scene);
      });
    });

    test('is done for those who may', async () => {
      for (const caller of CALLERS.filter((one) => !foreign.includes(one))) {
        const scene = new Scene(service);
        const { reason, text } = await call(rpc, await entry.request(scene), caller, scene);
        assert.equal(reason, null, `${caller.name}: ${text}`);
      }
    });

    if (entry.names.includes('player') || entry.names.includes('brand')) {
      test('means a player of the own brand where no brand is named', async () => {
        const scene = new Scene(service);
        const request = withoutBrand(await entry.request(scene)) as JsonObject;
        const [, ...secrets] = await scene.secrets();
        const callers = foreign.filter((one) => mayCall(policy, one) && one.role !== 'player');
        for (const caller of callers) await headersOf(rpc, caller, scene);
        await eachOperator(callers, scene, async (caller) => {
          const { reason, text } = await call(rpc, request, caller, scene);
          if (entry.createsPlayer !== true && entry.names[0] === 'player') {
            const found = caller.brand === 0 ? 'INVALID_ARGUMENT' : 'PLAYER_NOT_FOUND';
            assert.equal(reason, caller.role === 'anonymous' ? 'PERMISSION_DENIED' : found, caller.name);
          }
          assertSilent(text, secrets, request, caller, scene);
        });
      });
    }

    const has = (name: string): boolean => policy.desc.input.fields.some((field) => field.name === name);
    if (has('page_token')) {
      test("tells nothing by another operator's page token", async () => {
        const scene = new Scene(service);
        const all = await entry.request(scene);
        const secrets = await scene.secrets();
        const reader = CALLERS.find((one) => wanted(one) === null && isOwn(one) && one.role !== 'anonymous')!;
        const first = await call(rpc, { ...all, ...(has('page_size') && { page_size: 1 }) }, reader, scene);
        const token = (JSON.parse(first.text) as { next_page_token: string }).next_page_token;
        for (const caller of CALLERS.filter((one) => one.operator === 'B' && mayCall(policy, one))) {
          const { text } = await call(rpc, { ...(withoutBrand(all) as JsonObject), page_token: token }, caller, scene);
          assertSilent(text, secrets, {}, caller, scene);
        }
      });
    }
  });
}

/** Secrets do not occur in a response, unless the caller has named them, or is called so. */
function assertSilent(text: string, secrets: readonly string[], request: JsonObject, who: Who, scene: Scene): void {
  const named = JSON.stringify(request);
  const told = who.role === 'player' && who.named ? text.replaceAll(scene.player, '') : text;
  const secret = secrets.find((one) => !named.includes(one) && told.includes(one));
  assert.equal(secret, undefined, `${who.name} is told ${secret}: ${text}`);
}

const mayCall = ({ access }: MethodPolicy, { role, scoped }: Who): boolean =>
  access.roles.has(role) && (role !== 'service' || scoped || access.scope === null);

function withoutBrand(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(withoutBrand);
  if (value === null || typeof value !== 'object') return value;
  const kept = Object.entries(value).filter(([name]) => name !== 'brand_id');
  return Object.fromEntries(kept.map(([name, inside]) => [name, withoutBrand(inside)]));
}
