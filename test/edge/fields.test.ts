import assert from 'node:assert/strict';
import { afterAll, describe, test } from 'vitest';
import fc from 'fast-check';
import { startEdge } from './envoy.ts';
import { http1, type Reply } from './http.ts';
import { seen } from './probe.ts';
import { assertError, PROTOCOLS, skip, startRest } from './rest.ts';

const running = await startRest();
const KEY = { authorization: 'Bearer all' };

/** A refusal that names one field. */
function assertField(reply: Reply, field: string, reason: string): void {
  assertError(reply, 400, 'INVALID_ARGUMENT');
  const [issue, ...others] = reply.json.error.details.fields;
  assert.deepEqual([issue.field, issue.reason, others], [field, reason, []], reply.text);
  assert.equal(reply.json.error.message, `${field} ${issue.description}`);
}

for (const [protocol, connect] of PROTOCOLS) {
  describe(`requests over ${protocol}`, { skip }, () => {
    const client = connect(running?.edge.base ?? '');
    const { send } = client;
    afterAll(() => client[Symbol.dispose]());
    const check = (body: unknown): Promise<Reply> =>
      send('POST', '/probe/check', typeof body === 'string' ? body : JSON.stringify(body));

    test('may write a field with underscores or in camel case anywhere; answers have underscores', async () => {
      for (const name of ['idempotency_key', 'idempotencyKey', 'idempotency\\u004bey', '\\u0069dempotency_key']) {
        const reply = await send('POST', '/probe/things', `{"thing":{"id":"a"},"${name}":"k"}`, KEY);
        assert.equal(reply.json.idempotency_key, 'k', reply.text);
      }
      const time = '2025-02-19T13:36:02.307Z';
      const things = await send('PUT', '/probe/things', [
        { id: 'a', create_time: time },
        { id: 'b', createTime: time },
      ]);
      assert.deepEqual(
        things.json.map((thing: { create_time: string }) => thing.create_time),
        [time, time],
      );
      for (const name of ['wait_ms', 'waitMs', 'wait%5Fms']) {
        assertError(await send('GET', `/probe/answer/x?${name}=3000`), 504, 'DEADLINE_EXCEEDED');
      }
    });

    test('are refused for an unknown field, wherever it is', async () => {
      const unknown: [unknown, string][] = [
        [{ colr: 1 }, 'colr'],
        [{ IDEMPOTENCY_KEY: 'k' }, 'IDEMPOTENCY_KEY'],
        [{ item: { colr: null } }, 'item.colr'],
        [{ items: [{ code: 'AB' }, { code: 'AB', children: [{}, { x: {} }] }] }, 'items[1].children[1].x'],
        [{ byNumber: { 7: { colr: [] } } }, 'by_number.7.colr'],
        [{ free: { any: { thing: 1 } }, labels: { any: 'x' }, 'a"b\né': 1 }, 'a"b?n??'],
        [{ ['x'.repeat(70)]: 1 }, `${'x'.repeat(64)}...`],
      ];
      for (const [body, field] of unknown) {
        assertField(await check(body), field.replace('?n', '\\n').replace(/"/, '\\"'), 'UNKNOWN');
      }
      assertField(await send('PUT', '/probe/things', [{ id: 'a' }, { name: 'b' }]), 'things[1].name', 'UNKNOWN');
      for (const query of ['colr=red', 'colr', 'wait_ms=1&colr=2', 'details.a=b', 'text.x=1', '%22=1', 'wait..ms=1']) {
        const reply = await send('GET', `/probe/answer/x?${query}`);
        assertError(reply, 400, 'INVALID_ARGUMENT');
        assert.equal(reply.json.error.details.fields[0].reason, 'UNKNOWN', query);
      }
    });

    test('are refused for a field that is given twice', async () => {
      const twice = [
        ['{"colour":1,"colour":1}', 'colour'],
        ['{"required_text":"a","requiredText":"b"}', 'required_text'],
        ['{"requiredText":"a","required_text":"a"}', 'required_text'],
        ['{"items":[{"code":"AB","code":"AC"}]}', 'items[0].code'],
        ['{"item":{"children":[{"children":[]}],"children":[]}}', 'item.children'],
        ['{"tags":["a"],"tags":["b"]}', 'tags'],
      ];
      for (const [body, field] of twice) assertField(await check(body), field!, 'REPEATED');
      assertField(await send('GET', '/probe/answer/x?wait_ms=1&waitMs=1'), 'wait_ms', 'REPEATED');
      assertField(await send('GET', '/probe/answer/x?waitMs'), 'wait_ms', 'INVALID');
      const siblings = '{"item":{"code":"AB","weight":1},"items":[{"code":"AB","weight":1},{"code":"AB","weight":1}]}';
      assert(!(await check(siblings)).text.includes('twice'));
    });

    test('have each field in one place', async () => {
      assertField(await send('GET', '/probe/answer/x?text=y'), 'text', 'MISPLACED');
      assertField(await send('GET', '/probe/answer/x?%74ext=y'), 'text', 'MISPLACED');
      assertField(await send('POST', '/probe/answer?wait_ms=1', { text: 'hi' }), 'wait_ms', 'MISPLACED');
      assertField(await send('GET', '/probe/answer/x', '{"wait_ms":1}'), 'wait_ms', 'UNKNOWN');
      assertField(await send('DELETE', '/probe/things/a', '{"reason":"mistake"}'), 'reason', 'UNKNOWN');
      assert.equal((await send('DELETE', '/probe/things/a', '{}')).status, 204);
      assert.equal((await send('DELETE', '/probe/things/a', '')).status, 204);
    });

    test('have bodies that are JSON, strictly', async () => {
      const bad = ['{act:""}', "{'act':''}", '{"act":"",}', '{"act":""}{}', '{"act":""}x', '{"act" "x"}', '{"act":}'];
      const worse = [
        '[]{}',
        '{"details":{"a":"b",}}',
        '{"text":"a}',
        '{"text":"a\\"}',
        '/**/{}',
        '{"act":""',
        ']',
        '{]',
      ];
      for (const body of [...bad, ...worse, '{"text":\'x\'}', '\ufeff{}']) {
        const reply = await send('POST', '/probe/answer', body);
        assertError(reply, 400, 'INVALID_ARGUMENT', /^the body is not JSON: see its byte \d+$/);
      }
      const deep = await send('POST', '/probe/answer', `${'{"details":'.repeat(101)}1`);
      assertField(deep, 'details', 'INVALID');
      for (const body of [
        '',
        '{}',
        '{"wait_ms":1E0,"act":null}',
        ' {\t"act"\n:\r"" } ',
        '{"text":"a\\\\"}',
        '{"text":"\\\\\\"}"}',
      ]) {
        assert.equal((await send('POST', '/probe/answer', body)).status, 200, body);
      }
    });

    test('may have unknown fields if the contract says so; but the path counts', async () => {
      assert.equal((await send('GET', '/probe/pots/x?colr=red&wait_ms=1')).json.text, 'x');
      const reply = await send('POST', '/probe/pots/x?colr=1', { retryAfterMs: 1, colr: { text: 'y' }, text: 'x' });
      assert.equal(reply.json.text, 'x', reply.text);
      for (const name of ['text', 'te\\u0078t']) {
        const { status, json } = await send('POST', '/probe/pots/x', `{"${name}":"y"}`);
        assert.deepEqual([status, json.status_code, json.code], [400, 400, 'INVALID_ARGUMENT']);
        assert.match(json.message, /conflicting/);
      }
      const misplaced = await send('GET', '/probe/pots/x?text=y');
      const message = 'text is given by the path, and cannot be a query parameter too';
      assert.deepEqual(misplaced.json, { status_code: 400, code: 'INVALID_ARGUMENT', message });
      const twice = await send('POST', '/probe/pots/x', '{"wait_ms":1,"waitMs":2}');
      assert.deepEqual(twice.json, { status_code: 400, code: 'INVALID_ARGUMENT', message: 'wait_ms is given twice' });
    });
  });
}

describe('an error in the edge', { skip }, () => {
  test('lets no request through', async () => {
    const { port } = running!.probe;
    const broken = (config: string): string => config.replace(/run\("[^"]*edge-body.lua", refusal\)/, 'error');
    await using edge = await startEdge({ grpcPort: port }, broken);
    using client = http1(edge.base);
    const calls = seen.answered;
    assertError(await client.send('POST', '/probe/answer', { text: 'hi' }), 500, 'INTERNAL', /nothing was done$/);
    assert.equal(seen.answered, calls);
    assert.equal((await client.send('GET', '/probe/answer/hi')).status, 200);
  });
});

describe('any JSON', { skip }, () => {
  const client = http1(running?.edge.base ?? '');
  afterAll(() => client[Symbol.dispose]());
  // The same again: SEED=… node --test test/edge/fields.test.ts
  const options = { seed: Number(process.env['SEED'] ?? 20261121), numRuns: 300 };
  const spaced = (text: string): string =>
    text.replaceAll(/([[\]{}:,])(?=(?:[^"\\]|\\.|"(?:[^"\\]|\\.)*")*$)/g, ' $1\n');
  const post = async (body: string): Promise<Reply> => client.send('POST', '/probe/things', body, KEY);

  test('is accepted if any is, and nothing else is', async () => {
    await fc.assert(
      fc.asyncProperty(fc.jsonValue({ maxDepth: 4 }), fc.boolean(), fc.nat(), async (value, wide, at) => {
        const text = JSON.stringify({ thing: { id: 'a', metadata: { value } } });
        fc.pre(!/-1\.797693134862315[57]e\+308/.test(text)); // what marks null, and is refused
        const reply = await post(wide ? spaced(text) : text);
        assert.equal(reply.status, 201, `${text} gave ${reply.text}`);
        const cut = at % text.length;
        const broken = text.slice(0, cut) + text.slice(cut + 1);
        if (isJson(broken)) return;
        assert.equal((await post(broken)).status, 400, broken);
      }),
      options,
    );
  });
});

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
