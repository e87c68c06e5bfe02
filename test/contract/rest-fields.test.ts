import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, test } from 'vitest';
import type { DescField, DescMessage, DescMethod } from '@bufbuild/protobuf';
import { httpOf, methods, optionOf } from '../support/api.ts';
import { startService, type Service } from '../support/service.ts';

let service: Service;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.stop());

interface Refusal {
  readonly error?: { readonly code: string; readonly details?: { readonly fields?: Issue[] } };
  /** The documented errors of some faces have nothing else that names a field. */
  readonly message?: string;
}
interface Issue {
  readonly field: string;
  readonly reason: string;
}

/** Calls an RPC without a credential: fields are looked at before callers are. */
async function issuesOf(method: DescMethod, body: unknown, query = ''): Promise<Issue[]> {
  const http = httpOf(method)!;
  const path = http.pattern.value.replaceAll(/\{\w+\}/g, 'x');
  const answer = await fetch(`${service.envoy.base}${path}${query}`, {
    method: http.pattern.case.toUpperCase(),
    ...(http.pattern.case === 'get' ? {} : { body: JSON.stringify(body) }),
  });
  const { error, message } = (await answer.json()) as Refusal;
  if (message === undefined) return error?.details?.fields ?? [];
  const [, field] = /^(\S+) is given by the path/.exec(message) ?? [];
  return field === undefined ? [] : [{ field, reason: 'MISPLACED' }];
}

const camel = (name: string): string => name.replaceAll(/_(\w)/g, (_, char: string) => char.toUpperCase());

/** A value of every field, each in a form that JSON of protobuf knows, with names as `spell` writes them. */
function full(message: DescMessage, spell: (name: string) => string, without: (field: DescField) => boolean): object {
  return Object.fromEntries(
    message.fields.filter((field) => !without(field)).map((field) => [spell(field.name), valueOf(field, spell)]),
  );
}

function valueOf(field: DescField, spell: (name: string) => string): unknown {
  const { message } = field;
  const one =
    message === undefined
      ? null
      : message.typeName.startsWith('google.')
        ? null
        : full(message, spell, (inner) => inner.message === message);
  if (field.fieldKind === 'map') return {};
  return field.fieldKind === 'list' ? (one === null ? [] : [one]) : one;
}

const variables = (method: DescMethod): Set<string> =>
  new Set([...httpOf(method)!.pattern.value.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!));

for (const [name, method] of methods) {
  const http = httpOf(method);
  if (http === undefined) continue;
  describe(name, () => {
    const lenient = optionOf<{ ignoresUnknown: boolean }>(method, 'windfall.options.v1.rest').ignoresUnknown;
    if (!lenient) {
      test('refuses a field that it does not know', async () => {
        const [issue] = await issuesOf(method, { no_such_field: 1 }, http.body === '' ? '?no_such_field=1' : '');
        assert.deepEqual(issue?.field, 'no_such_field');
        assert.deepEqual(issue?.reason, 'UNKNOWN');
        const [misplaced] = await issuesOf(method, {}, '?noSuchField=1');
        assert.equal(misplaced?.field, 'noSuchField');
      });
    }

    const inPath = variables(method);
    if (inPath.size > 0) {
      test('takes path variables only from the path', async () => {
        for (const name of inPath) {
          const [spelled] = await issuesOf(method, {}, `?${camel(name)}=y`);
          assert.deepEqual([spelled?.field, spelled?.reason], [name, 'MISPLACED']);
          if (http.body !== '*' || lenient) continue;
          const [inBody] = await issuesOf(method, { [camel(name)]: 'y' });
          assert.deepEqual([inBody?.field, inBody?.reason], [name, 'MISPLACED']);
        }
      });
    }

    for (const [style, spell] of [
      ['snake_case', (one: string) => one],
      ['camelCase', camel],
    ] as const) {
      test(`knows all of its fields in ${style}`, async () => {
        const bodyless = http.body === '';
        const fields = method.input.fields.filter(({ name: field, message }) => !inPath.has(field) && !message);
        const query = bodyless ? `?${fields.map((field) => `${spell(field.name)}=`).join('&')}` : '';
        const body = bodyless ? {} : full(method.input, spell, (field) => inPath.has(field.name));
        const unknown = (await issuesOf(method, body, query)).filter(({ reason }) =>
          ['UNKNOWN', 'MISPLACED', 'REPEATED'].includes(reason),
        );
        assert.deepEqual(unknown, [], JSON.stringify(body));
      });
    }
  });
}

test('a key in the field idempotencyKey counts: a request that is sent twice happens once', async () => {
  const headers = { ...(await service.credentials('service', '')), 'content-type': 'application/json' };
  const transfer = async (spelling: string): Promise<any> => {
    const body = {
      source: { kind: 'operator' },
      destination: { kind: 'player', [spelling === 'idempotencyKey' ? 'userId' : 'user_id']: 'spelled' },
      asset: 'WINZ',
      amount: '10',
      [spelling]: 'once',
    };
    const answer = await fetch(`${service.envoy.base}/v1/ledger/transfers`, {
      method: 'POST',
      headers,
      body: JSON.stringify(body),
    });
    return answer.json();
  };
  const [first, second, third] = [
    await transfer('idempotencyKey'),
    await transfer('idempotencyKey'),
    await transfer('idempotency_key'),
  ];
  assert.deepEqual([first.deduped, second.deduped, third.deduped], [false, true, true], JSON.stringify(first));
  const balances = await service.rest('LedgerService.ListBalances', { user_id: 'spelled' }, headers);
  assert.deepEqual(balances.body, { balances: [{ asset: 'WINZ', amount: '10' }] });
});
