import assert from 'node:assert/strict';
import type { JsonObject } from '@bufbuild/protobuf';
import { afterAll, beforeAll, test } from 'vitest';
import type { Headers } from '../../support/api.ts';
import { startService, type Service } from '../../support/service.ts';

let service: Service;
let admin: Headers;
beforeAll(async () => {
  service = await startService();
  admin = await service.credentials('admin', '');
});
afterAll(() => service.stop());

async function done(rpc: string, request: JsonObject, as = admin): Promise<any> {
  const { reason, body } = await service.rest(rpc, request, as);
  assert.equal(reason, null, JSON.stringify(body));
  return body;
}
const reasonOf = async (rpc: string, request: JsonObject, as: Headers): Promise<string | null> =>
  (await service.grpc(rpc, request, as)).reason;

test('brands are added with numbers of their own, also by calls at the same time', async () => {
  const names = Array.from({ length: 6 }, (_, i) => `added-${i}`);
  await Promise.all(
    names.map((id) => done('OperatorService.AddBrands', { operator_id: 'demo', items: [{ id, name: `Brand ${id}` }] })),
  );
  const { brands } = await done('OperatorService.GetOperator', { operator_id: 'demo' });
  assert.deepEqual(brands.map(({ id }: any) => id).sort(), ['main', ...names].sort());
  assert.deepEqual(brands.find(({ id }: any) => id === 'added-3').path, 'demo:added-3');
  // It works at once.
  await done('PlayerService.CreatePlayer', { user_id: 'first', brand_id: 'added-3' });
});

test('calls for a disabled brand are refused at once, whoever makes them but admins; and served again', async () => {
  const backEnd = await service.credentials('service', '');
  const brand = { operator_id: 'demo', brand_id: 'second' };
  await done('OperatorService.SaveOperators', { items: [{ id: 'demo:second', name: 'Second' }] });
  const named = { user_id: 'pia', brand_id: 'second' };
  await done('PlayerService.CreatePlayer', named);
  const { secret } = await done('AuthService.CreateApiKey', { name: 'of second', brand_id: 'second' });
  const key = { authorization: `Bearer ${secret}` };
  const { token } = await done('PlayerService.IssuePlayerToken', named, backEnd);
  const player = { 'x-auth-token': token as string };
  const calls: readonly (readonly [string, JsonObject, Headers])[] = [
    ['PlayerService.GetPlayer', named, backEnd],
    ['PlayerService.GetPlayer', { user_id: 'pia' }, key],
    ['AuthService.GetMe', {}, key],
    ['LedgerService.ListBalances', { user_id: 'pia' }, player],
    ['AuthService.GetMe', {}, player],
  ];
  const reasons = () => Promise.all(calls.map(([rpc, request, as]) => reasonOf(rpc, request, as)));
  assert.deepEqual(await reasons(), [null, null, null, null, null]);
  await done('OperatorService.UpdateOperator', { ...brand, enabled: false });
  assert.deepEqual(
    await reasons(),
    calls.map(() => 'BRAND_DISABLED'),
  );
  await done('PlayerService.GetPlayer', named);
  await done('PlayerService.GetPlayer', { user_id: 'first', brand_id: 'added-3' }, backEnd);
  await done('OperatorService.UpdateOperator', { ...brand, enabled: true });
  assert.deepEqual(await reasons(), [null, null, null, null, null]);
});
