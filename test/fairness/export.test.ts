import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { verifyExport } from '../../src/fairness/verifier/export.ts';
import { Caller } from '../engines/writes.ts';
import { startService, until, type Service } from '../support/service.ts';

const ALL = { proved: 0, sealed: 0, unproved: 0, failures: [] };
const folder = mkdtempSync(join(tmpdir(), 'windfall-export-'));
let service: Service;
let caller: Caller;
beforeAll(async () => {
  service = await startService();
  caller = new Caller(service, 'rest');
});
afterAll(async () => {
  await service?.stop();
  rmSync(folder, { recursive: true });
});

interface Exported {
  readonly status: number;
  readonly type: string | null;
  readonly text: string;
  readonly lines: readonly any[];
}

/** An export over REST, through Envoy. */
async function exported(stream: string, as: string, token = '', userId = caller.id): Promise<Exported> {
  const query = token === '' ? '' : `?page_token=${token}`;
  const response = await fetch(`${service.envoy.base}/v1/fairness/streams/${stream}/export${query}`, {
    headers: await service.credentials(as, userId),
  });
  const text = await response.text();
  const lines = text.split('\n').slice(0, -1);
  return {
    text,
    status: response.status,
    type: response.headers.get('content-type'),
    lines: lines.map((line) => JSON.parse(line)),
  };
}

describe("the export of a player's stream", () => {
  const DRAWS = 2000;
  let stream: string;
  let whole: Exported;
  beforeAll(async () => {
    const limits = [{ count: 2 * DRAWS, period: 'lifetime' }];
    const prizes = [1, 2].map((amount) => ({
      segment_label: `${amount}`,
      asset: 'WINZ',
      amount: `${amount}`,
      weight: 1,
    }));
    await caller.done('LootboxService.CreateLootbox', 'admin', { id: 'often', limits, prizes });
    const item = { id: 'often', user_id: caller.id };
    for (let made = 0; made < DRAWS; made += 500) {
      const items = Array.from({ length: 500 }, (_, i) => ({ ...item, idempotency_key: `export-${made + i}` }));
      await caller.done('LootboxService.BatchOpen', 'service', { items });
    }
    ({ stream } = (await caller.done('FairnessService.GetCommitment', 'player', {})) as { stream: string });
    whole = await exported(stream, 'player');
  });

  test('has every draw in a line of its own, which verifies', async ({ annotate }) => {
    assert.deepEqual([whole.status, whole.type, whole.lines.length], [200, 'application/x-ndjson', DRAWS + 1]);
    assert.deepEqual(verifyExport(whole.text), { ...ALL, proved: DRAWS });
    assert.deepEqual(
      whole.lines.map(({ draw }) => draw?.position),
      [...Array.from({ length: DRAWS }, (_, i) => String(i)), undefined],
    );
    const started = performance.now();
    const again = await exported(stream, 'service');
    const ms = performance.now() - started;
    assert.equal(again.text, whole.text);
    await annotate(`${DRAWS} draws, ${Math.round(whole.text.length / 1024)} KB, in ${Math.round(ms)} ms`);
    // As the pages show them.
    const [kind, name] = stream.split('/');
    const request = { kind, name, page_size: 500, with_proofs: true };
    const { draws } = (await caller.done('FairnessService.ListStreamDraws', 'player', request as never)) as any;
    assert.deepEqual(
      whole.lines.slice(0, 500).map(({ draw }) => draw),
      draws,
    );
  });

  test('continues after any of its lines, and after its end', async () => {
    const { next_page_token: token } = whole.lines[1499];
    const rest = await exported(stream, 'player', token);
    assert.deepEqual(rest.lines, whole.lines.slice(1500));
    const nothing = await exported(stream, 'player', whole.lines.at(-1).next_page_token);
    assert.deepEqual(nothing.lines, [{ next_page_token: whole.lines.at(-1).next_page_token }]);
    const foreign = await exported(stream.replace(/-\d+$/, ''), 'player', token);
    assert.deepEqual([foreign.status, foreign.lines.length], [400, 0]);
  });

  test('is for the player and the brand alone', async () => {
    for (const as of ['anonymous', 'other-service']) assert.equal((await exported(stream, as)).status, 404, as);
    assert.equal((await exported(stream, 'player', '', 'somebody-else')).status, 404);
  });

  test('is checked by the verifier, which misses what was taken out or changed', async () => {
    const file = join(folder, 'draws.ndjson');
    const command = async (text: string): Promise<string> => {
      writeFileSync(file, text);
      const running = promisify(execFile)(process.execPath, ['src/fairness/verifier.ts', '--export', file]);
      return running.then(
        ({ stdout }) => `0 ${stdout}`,
        ({ code, stdout }: { code: number; stdout: string }) => `${code} ${stdout}`,
      );
    };
    assert.match(await command(whole.text), /^0 VALID\n2000 draws recomputed, 0 with/);
    const [end, ...last] = whole.text.split('\n').slice(0, -1).reverse().slice(0, 20);
    const lines = last.reverse();
    assert.match(await command([...lines.toSpliced(7, 1), end].join('\n')), /^1 INVALID\n {2}line 8: a draw before it/);
    const found = (...some: (string | undefined)[]): string => verifyExport(some.join('\n')).failures.join();
    assert.equal(found(...lines, end), '');
    assert.match(found(...lines), /^the end is missing/);
    assert.match(found(...lines, end, lines[0]), /^line 21: is behind the end/);
    const error = '{"error":{"code":"UNAVAILABLE","message":"the server is stopping"}}';
    assert.match(found(lines[0], error), /^line 2: the server has failed: UNAVAILABLE,the end is missing/);
    for (const name of ['stream', 'position', 'digest', 'seed_hash', 'server_seed', 'nonce']) {
      const line = JSON.parse(lines[3]!);
      line.draw[name] = `${line.draw[name]}`.replace(/.$/, (digit) => (digit === '1' ? '2' : '1'));
      assert.match(found(...lines.slice(0, 3), JSON.stringify(line), end), /^line 4: /, name);
    }
  });
});

describe("the export of a jackpot's stream", () => {
  test('is for everybody, without what callers brought; seeds in use are sealed', async () => {
    const id = caller.id;
    const pots = [
      { id: 'main', fraction: '0.5', seed: '1', win_rules: [{ hit_rate: { cost: '1', odds: 9_000_000 } }] },
    ];
    const { hit_seed_hash: hash } = await caller.done('JackpotService.CreateJackpot', 'admin', {
      id,
      asset: 'USD',
      pots,
    });
    const { hit_seed: seed } = (await caller.done('JackpotService.GetJackpotCommitments', 'anonymous', { id })) as any;
    const empty = await exported(seed.stream, 'anonymous');
    assert.deepEqual([empty.status, empty.type, empty.lines], [200, 'application/x-ndjson', [{ next_page_token: '' }]]);
    const item = { id, user_id: id, amount: 1 };
    const items = Array.from({ length: 120 }, (_, i) => ({ ...item, idempotency_key: `contribution-${i}` }));
    await caller.done('JackpotService.BatchContribute', 'service', { items });
    const known = await exported(seed.stream, 'service');
    assert.deepEqual(verifyExport(known.text), { ...ALL, sealed: 120 });
    const shown = await exported(seed.stream, 'anonymous');
    assert.deepEqual(verifyExport(shown.text), { ...ALL, unproved: 120 });
    for (const [i, { draw }] of shown.lines.slice(0, -1).entries()) {
      assert.deepEqual([draw.nonce, draw.position, draw.seed_hash], [String(i), '0', hash]);
      assert.match(draw.leaf, /^[0-9a-f]{64}$/);
      for (const name of ['draw_id', 'server_seed', 'record_proof']) assert.equal(draw[name], undefined, name);
    }
    // Another version reveals the seed.
    await caller.done('JackpotService.UpdateJackpot', 'admin', { id, operator_share: '0.5' });
    assert.deepEqual(verifyExport((await exported(seed.stream, 'admin')).text), { ...ALL, proved: 120 });
    const revealed = await exported(seed.stream, 'anonymous');
    assert.equal(new Set(revealed.lines.slice(0, -1).map(({ draw }) => draw.server_seed)).size, 1);
    assert.match(revealed.lines[0].draw.server_seed, /^[0-9a-f]{64}$/);
  });
});

describe("the export of a pot's stream", () => {
  test('has every end with its proof, for everybody, and no seed or hidden end before its time', async () => {
    const id = caller.id;
    const timed = (name: string, seconds: number, hidden: boolean) => ({
      id: name,
      fraction: '0.3',
      seed: '1',
      win_rules: [{ must_drop_time: { seconds, hidden } }],
    });
    const pots = [timed('plain', 1, false), timed('soon', 1, true), timed('later', 3600, true)];
    await caller.done('JackpotService.CreateJackpot', 'admin', { id: `${id}-pots`, asset: 'USD', pots });
    const seeds = async (): Promise<any[]> => {
      const request = { id: `${id}-pots` };
      const { pots: shown } = (await caller.done('JackpotService.GetJackpotCommitments', 'anonymous', request)) as any;
      return shown.map((one: any) => one.end_seed);
    };
    const before = await seeds();
    const contribute = { id: `${id}-pots`, user_id: id, amount: 3 };
    await caller.done('JackpotService.ContributeToJackpot', 'service', contribute);
    const streams = before.map(({ stream }) => stream as string);
    const [plain = '', soon = '', later = ''] = streams;
    const draws = async (stream: string): Promise<unknown[]> =>
      (await exported(stream, 'service')).lines.flatMap(({ draw }) => draw ?? []);
    // It ends within the hour: it is very unlikely to be now.
    assert.deepEqual(await draws(later), []);
    await until(async () => (await exported(soon, 'anonymous')).lines.length > 1);
    await until(async () => (await exported(plain, 'anonymous')).lines.length > 1);
    assert.deepEqual(await draws(later), [], "another pot's end, or a seed in use");
    await caller.done('JackpotService.ArchiveJackpot', 'admin', { id: `${id}-pots` });
    await caller.done('JackpotService.DrawPot', 'admin', { id: `${id}-pots`, pot_id: 'later' });
    await until(async () => (await exported(later, 'anonymous')).lines.length > 1);
    for (const [i, stream] of streams.entries()) {
      const { text, lines } = await exported(stream, 'service');
      assert.deepEqual(verifyExport(text), { ...ALL, proved: 1 }, stream);
      const [{ draw }] = lines;
      const { outcome } = JSON.parse(draw.record_proof.record);
      const final = stream === later;
      assert.deepEqual(
        [draw.kind, outcome.pot, outcome.end, outcome.hidden_end !== null, draw.draw_id !== undefined],
        ['jackpot.pot-paid', pots[i]!.id, final ? 'final' : 'time', stream === soon, true],
      );
      // The seed was committed to before anybody contributed: of a final draw, the one after that of the void end.
      const { server_seed_hash: first, next_seed_hashes: next } = before[i];
      assert.equal(draw.seed_hash, final ? next[0] : first);
      const leaf = ['windfall/end', outcome.pot, outcome.cycle, outcome.end, Math.round(Number(outcome.sum) * 1e6)];
      assert.equal(draw.leaf, createHash('sha256').update(leaf.join('\n')).digest('hex'));
      const shown = (await exported(stream, 'anonymous')).lines[0].draw;
      const { draw_id: _, record_proof: _proof, ...others } = draw;
      assert.deepEqual(shown, others);
      // The cycles since have drawn nothing, and the seed of the next draw is not shown.
      const [kind, name] = stream.split('/');
      const page = (await caller.done('FairnessService.ListStreamDraws', 'anonymous', { kind, name } as never)) as any;
      assert.deepEqual(page.draws, [shown]);
      assert.notEqual((await seeds())[i].server_seed_hash, draw.seed_hash);
    }
  });
});
