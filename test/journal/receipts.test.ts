import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { pathOf, rootOf } from '../../src/kernel/index.ts';
import { open, type Opened } from '../mark/play.ts';
import { grpcApi, type Call } from '../support/api.ts';
import { demoDatabase, startServer, type ServerProcess } from '../support/service.ts';
import { runSql } from '../support/sql.ts';
import { climb, sha } from '../../src/fairness/verifier/receipt.ts';
import { holds, keysOf, type Receipt } from './receipt-check.ts';

/** The tree hash of RFC 6962, as its text defines it, of leaves that are hashed already. */
function treeHash(leaves: readonly Buffer[]): Buffer {
  if (leaves.length === 1) return leaves[0]!;
  let split = 1;
  while (split * 2 < leaves.length) split *= 2;
  return sha(Buffer.of(1), treeHash(leaves.slice(0, split)), treeHash(leaves.slice(split)));
}

test('the root is that of RFC 6962, and each leaf has a path to it, for any number of leaves', () => {
  for (let size = 1; size <= 70; size++) {
    const leaves = Array.from({ length: size }, (_, i) => sha(Buffer.from(`${size}/${i}`)));
    const root = rootOf(Buffer.concat(leaves));
    assert.deepEqual(root, treeHash(leaves), String(size));
    leaves.forEach((leaf, i) => assert.deepEqual(climb(leaf, i, size, pathOf(Buffer.concat(leaves), i)), root));
  }
});

test('another leaf, or another place, gives another root', () => {
  const leaf = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes));
  fc.assert(
    fc.property(fc.array(leaf, { minLength: 2, maxLength: 40 }), fc.nat(), (leaves, n) => {
      const changed = leaves.map((one, i) => (i === n % leaves.length ? sha(one) : one));
      assert.notDeepEqual(rootOf(Buffer.concat(changed)), rootOf(Buffer.concat(leaves)));
    }),
  );
});

describe('a server', () => {
  const headers = { authorization: 'Bearer wf_test_demo' };
  let url: string;
  let server: ServerProcess;
  let call: Call;
  let close: () => void;
  let keys: readonly object[];
  beforeAll(async () => {
    url = await demoDatabase();
    server = await startServer(url);
    ({ call, close } = grpcApi(server.address));
    keys = await keysOf(call);
  });
  afterAll(async () => {
    close();
    await server.end();
  });

  const receipts = async (drawId: string): Promise<Receipt[]> => {
    const { body, status, reason } = await call('FairnessService.GetReceipt', { draw_id: drawId });
    assert.equal(status, 'OK', String(reason));
    return (body as unknown as { receipts: Receipt[] }).receipts;
  };

  test('signs once for all draws of a batch, and each has a receipt of its record', async () => {
    const opened: Opened[] = await Promise.all(Array.from({ length: 200 }, (_, i) => open(call, headers, `p${i}`)));
    const all = (await Promise.all(opened.map(({ open_id: id }) => receipts(id)))).flat();
    assert.equal(all.length, 200);
    assert.ok(all.every((receipt) => holds(receipt, keys)));
    const roots = new Set(all.map(({ root }) => root));
    assert.ok(roots.size < 100, `${roots.size} signatures`);
    assert.ok(all.some(({ path }) => path.length > 2));
    const proof = await call('FairnessService.GetProof', { draw_id: opened[0]!.open_id });
    const [record] = (proof.body as { record_proofs: { record: string; digest: string }[] }).record_proofs;
    assert.deepEqual([all[0]!.record, all[0]!.digest], [record!.record, record!.digest]);
  });

  test('the verifier checks a proof with its receipts, and misses one that is lacking', async () => {
    const { open_id: id } = await open(call, headers, 'verified');
    const folder = mkdtempSync(join(tmpdir(), 'windfall-receipts-'));
    const file = (name: string, json: object): string => {
      writeFileSync(join(folder, name), JSON.stringify(json));
      return join(folder, name);
    };
    const receiptFile = (given: object[]): string => file('receipts.json', { receipts: given });
    const proof = file('proof.json', (await call('FairnessService.GetProof', { draw_id: id })).body as object);
    const all = await receipts(id);
    const verdict = (given: object[], signers: readonly object[]): string =>
      spawnSync(
        process.execPath,
        [
          'src/fairness/verifier.ts',
          proof,
          '--receipts',
          receiptFile(given),
          '--keys',
          file('keys.json', { keys: signers }),
        ],
        { encoding: 'utf8' },
      )
        .stdout.split('\n', 2)
        .join('');
    assert.match(verdict(all, keys), /^VALID/);
    assert.match(verdict([], keys), /^INVALID +receipts: there is none of/);
    assert.match(verdict(all, []), /^INVALID +receipts\[0\]\.key_id: does not hold/);
    assert.match(verdict([{ ...all[0]!, size: all[0]!.size + 1 }], keys), /^INVALID +receipts\[0\]/);
  });

  test('a changed field is noticed, each of them', async () => {
    const opened = await Promise.all(Array.from({ length: 20 }, (_, i) => open(call, headers, `p${i}`)));
    const all = await Promise.all(opened.map(async ({ open_id: id }) => (await receipts(id))[0]!));
    const receipt = all.find(({ size }) => size > 2)!;
    assert.ok(holds(receipt, keys));
    const flip = (text: string): string => (text.startsWith('0') ? '1' : '0') + text.slice(1);
    const changed: Partial<Receipt>[] = [
      { record: receipt.record.replace('"position":', '"position":1') },
      { digest: flip(receipt.digest) },
      { root: flip(receipt.root) },
      { path: [flip(receipt.path[0]!), ...receipt.path.slice(1)] },
      { operator_id: `${receipt.operator_id}x` },
      { epoch: `${receipt.epoch}1` },
      { time: receipt.time.replace('20', '21') },
      { signature: flip(receipt.signature) },
    ];
    for (const change of changed) assert.ok(!holds({ ...receipt, ...change }, keys), JSON.stringify(change));
    const at = (minutes: number) => new Date(Date.parse(receipt.time) + minutes * 60_000).toISOString();
    const later = { key_id: 'later', algorithm: 'Ed25519', public_key: '00'.repeat(32), used_since: at(-2) };
    assert.ok(!holds(receipt, [...keys, later]), 'a key that was replaced before');
    assert.ok(!holds(receipt, [{ ...keys[0]!, used_since: at(2) }]), 'a key from after it');
    assert.ok(
      holds(receipt, [
        { ...keys[0]!, used_since: at(-2) },
        { ...later, used_since: at(2) },
      ]),
    );
  });

  test('a contribution whose seed is sealed has a receipt at once, and a repeated call has the first one', async () => {
    const contribute = async () =>
      (
        (
          await call(
            'JackpotService.ContributeToJackpot',
            { id: 'mystery', user_id: 'p', amount: 1, idempotency_key: 'once' },
            headers,
          )
        ).body as { contribution_id: string }
      ).contribution_id;
    const [one, again] = [await contribute(), await contribute()];
    assert.equal(one, again);
    const [receipt] = await receipts(one);
    assert.ok(holds(receipt!, keys));
    assert.deepEqual(await receipts(again), [receipt]);
    assert.equal((JSON.parse(receipt!.record) as { recipe: string }).recipe, 'contribution');
  });

  test('calls that ask have in the answer what GetReceipt has, also when they are repeated', async () => {
    const box = { id: 'welcome-box', receipt: true };
    const requests = Array.from({ length: 60 }, (_, i) => ({ ...box, user_id: `asks${i}`, idempotency_key: `${i}` }));
    type Answer = Opened & { readonly receipt: Receipt };
    const all = async (): Promise<Answer[]> =>
      (await Promise.all(requests.map((one) => call('LootboxService.OpenLootbox', one, headers)))).map(
        ({ body }) => body as unknown as Answer,
      );
    const first = await all();
    assert.ok(first.every(({ receipt }) => holds(receipt, keys)));
    assert.ok(first.some(({ receipt }) => receipt.size > 2 && receipt.index > 0));
    for (const { open_id: id, receipt } of first) assert.deepEqual(await receipts(id), [receipt]);
    assert.deepEqual(
      (await all()).map(({ receipt }) => receipt),
      first.map(({ receipt }) => receipt),
    );
  });

  test('a batch may ask for 100 receipts, which leave room in an answer of 4 MiB', async () => {
    const admin = (await call('AuthService.LoginAdmin', { username: 'demo', password: 'demo' })).body as any;
    const pots = Array.from({ length: 20 }, (_, i) => ({
      id: `${i}`.padStart(64, 'p'),
      fraction: '0.05',
      seed: '1000000',
      win_rules: [{ hit_rate: { cost: '1', odds: '9000000000' } }],
    }));
    const id = 'of-the-largest'.padEnd(64, 's');
    const making = { id, asset: 'USD', pots, status: 'active' };
    const made = await call('JackpotService.CreateJackpot', making, {
      authorization: `Bearer ${admin.token}`,
    });
    assert.equal(made.status, 'OK', JSON.stringify(made));
    const items = Array.from({ length: 1000 }, (_, i) => ({
      id,
      user_id: `b${i}`,
      amount: 10,
      idempotency_key: `batch-${i}`,
      receipt: i >= 900,
    }));
    const batch = (given: readonly object[]) =>
      call('JackpotService.BatchContribute', { items: given } as never, headers);
    const refused = await batch(items.with(0, { ...items[0]!, receipt: true }));
    assert.deepEqual([refused.reason, (refused.details as any).fields?.[0]?.field], ['INVALID_ARGUMENT', 'items']);
    assert.deepEqual(await runSql(url, 'select 1 from player where user_id = $1', ['b0']), [], 'it began with it');
    const { status, body } = await batch(items);
    assert.equal(status, 'OK');
    const { results } = body as unknown as { results: { contributed: { receipt?: Receipt } }[] };
    const given = results.map(({ contributed }) => contributed.receipt);
    assert.deepEqual(
      given.map((one) => one !== undefined && one !== null),
      items.map(({ receipt }) => receipt),
    );
    assert.ok(given.slice(900).every((one) => holds(one!, keys)));
    assert.ok(JSON.stringify(body).length < 3 * 2 ** 20);
  });

  test('a draw that its receipt does not cover is an internal error, and not one without a receipt', async () => {
    const { open_id: id } = await open(call, headers, 'changed');
    const [{ tx }] = await runSql(url, 'select tx::text from journal where operation_id = $1 limit 1', [id]);
    const [{ leaves }] = await runSql(url, 'select leaves from receipt where tx = $1', [tx]);
    const change = 'update receipt set leaves = $2 where tx = $1';
    await runSql(url, change, [tx, Buffer.alloc((leaves as Buffer).length)]);
    assert.equal((await call('FairnessService.GetReceipt', { draw_id: id })).reason, 'INTERNAL');
    await runSql(url, change, [tx, leaves]);
    assert.equal((await receipts(id)).length, 1);
  });

  test('a batch without draws has none, and roots follow from what is stored', async () => {
    const rows = await runSql(url, 'select leaves, root from receipt');
    assert.ok(rows.length > 0);
    for (const { leaves, root } of rows) assert.deepEqual(rootOf(leaves as Buffer), root);
    const [{ n }] = await runSql(
      url,
      'select count(*)::int as n from receipt r where not exists ' +
        '(select from journal j where j.operator_id = r.operator_id and j.tx = r.tx and j.kind in (1001, 1102))',
    );
    assert.equal(n, 0);
  });
});
