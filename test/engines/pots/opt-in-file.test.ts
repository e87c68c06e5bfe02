import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, credentials, Metadata, type ServiceError } from '@grpc/grpc-js';
import pg from 'pg';
import { afterAll, beforeAll, test } from 'vitest';
import { UploadOptInsRequest, type UploadOptInsResponse } from '../../../gen/ts/windfall/pots/v1/opt_in.ts';
import { InstanceServiceService } from '../../../gen/ts/windfall/pots/v1/instance.ts';
import { engines } from '../../../src/engines/index.ts';
import { verifyOperator } from '../../../src/journal/index.ts';
import { registerOf } from '../../../src/schema.ts';
import { startService, until, type Service } from '../../support/service.ts';
import { adminOf, makeInstance } from './instance.ts';

let service: Service;
let database: pg.Client;
beforeAll(async () => {
  service = await startService();
  database = new pg.Client({ connectionString: service.databaseUrl });
  await database.connect();
});
afterAll(async () => {
  await database.end();
  await service.stop();
});

interface Told {
  readonly errors: Readonly<Record<string, string>>;
  readonly error_count: number;
  readonly applied: number;
}

const PATH = '/instances/optin/bulk';

async function upload(file: string, type = 'text/csv'): Promise<{ status: number; body: Told }> {
  const headers = { ...(await service.credentials('service', '')), 'content-type': type };
  const answer = await fetch(`${service.envoy.base}${PATH}`, { method: 'POST', headers, body: file });
  return { status: answer.status, body: (await answer.json()) as Told };
}

const count = async (text: string, values: readonly unknown[] = []): Promise<number> =>
  Number((await database.query<{ n: string }>(`select count(*) as n from ${text}`, [...values])).rows[0]!.n);
/** How many players are in, and how many have a row. */
async function optedIn(of: string): Promise<[number, number]> {
  const rows =
    'jackpot_opt_in o join jackpot j on j.id = o.jackpot_id ' +
    'join definition d on d.id = j.definition_id and d.code = $1';
  return [await count(`${rows} where o.opted_in = 1`, [`jackpot/${of}`]), await count(rows, [`jackpot/${of}`])];
}

test('a file of 20,000 lines: good ones are applied, broken ones reported; and it may be repeated', async () => {
  const [id, other] = [await makeInstance(service), await makeInstance(service)];
  const user = (n: number): string => `u-${id.slice(-6)}-${n}`;
  const broken = new Map<number, string>([
    [17, `${id},demo:main,${user(17)}`],
    [1005, `nothing,demo:main,${user(1005)},true`],
    [1006, `${id},demo:main,"${user(1006)},true`],
    [2000, `${id},demo:main,a b,true`],
    [2001, `${id},demo:main,${user(2001)},maybe`],
    [9999, 'x'.repeat(2000)],
    [10000, `${id},demo:main,\u00FC,true`],
    [12345, `${randomUUID()},demo:main,${user(12345)},true`],
    [12346, `${id},demo:none,${user(12346)},true`],
    [12347, `${id},else:main,${user(12347)},true`],
  ]);
  const lines = Array.from({ length: 20_000 }, (_, i) => {
    const n = i + 2;
    if (n % 5000 === 3) return `"${id}",main,"${user(n)}",FALSE`;
    return broken.get(n) ?? `${n % 7 === 0 ? other.toUpperCase() : id},demo:main,${user(n)},${n % 2 ? 'true' : '1'}`;
  });
  const file = `\uFEFFinstance_id,brand_id,player_id,opt_in\r\n${lines.join('\r\n')}`;
  const players = await count('player');
  const { status, body } = await upload(file);
  assert.equal(status, 200, JSON.stringify(body));
  assert.deepEqual(body.errors, {
    'line 17': 'has 3 fields, and not 4',
    'line 1005': 'instance_id must be a UUID',
    'line 1006': 'has wrong quotes',
    'line 2000': 'player_id must be 1 to 64 letters, digits and . _ : @ -',
    'line 2001': 'opt_in must be true, false, 1 or 0',
    'line 9999': 'is longer than 1024 bytes',
    'line 10000': 'player_id must be 1 to 64 letters, digits and . _ : @ -',
    [user(12345)]: 'INSTANCE_NOT_FOUND',
    [user(12346)]: 'BRAND_NOT_FOUND',
    [user(12347)]: 'OPERATOR_NOT_FOUND',
  });
  assert.deepEqual([body.error_count, body.applied], [10, 19_990]);
  assert.equal((await count('player')) - players, 19_990, 'the players that were made');
  const [ins, all] = await optedIn(id);
  const [others] = await optedIn(other);
  assert.deepEqual([ins + others, all - ins], [19_986, 4]);

  const facts = await count('journal');
  assert.deepEqual((await upload(file)).body, body);
  assert.equal(await count('journal'), facts, 'a file that changes nothing leaves facts');
  assert.deepEqual((await verifyOperator(database, registerOf(engines), 1)).differences, []);
});

test('the last line of a player counts, and values that were chosen stay', async () => {
  const id = await makeInstance(service);
  const call = await adminOf(service);
  const mine = { instance_id: id, brand_id: 'demo:main', player_id: `v-${id}`, player_country: 'MT' };
  await call('InstanceService.SetOptIn', { ...mine, opt_in: true, contribution_value: 2.5 });
  const line = (word: string): string => `${id},demo:main,v-${id},${word}\n`;
  const { body } = await upload(line('true') + line('false') + line('true') + line('false'));
  assert.deepEqual([body.applied, body.error_count], [4, 0]);
  const shown = async () => (await call('InstanceService.ListOptIns', { instance_id: id }))[0];
  assert.deepEqual([(await shown()).opted_in, (await shown()).preferred_contribution_value], [false, 2.5]);
  await upload(line('1'), 'TEXT/CSV; charset=utf-8');
  assert.deepEqual([(await shown()).opted_in, (await shown()).preferred_contribution_value], [true, 2.5]);
});

test('a file for an instance that has ended is reported line by line', async () => {
  const id = await makeInstance(service);
  await (
    await adminOf(service)
  )('InstanceService.SetInstanceStatus', { instance_id: id, status: 'Terminated' });
  const file = Array.from({ length: 12_000 }, (_, n) => `${id},main,e-${n},true\n`).join('');
  const { body } = await upload(file);
  assert.deepEqual([body.applied, body.error_count, Object.keys(body.errors).length], [0, 12_000, 10_000]);
  assert.equal(body.errors['e-0'], 'JackpotNotActive');
});

test('what was applied stays where the file is cut, and the server does not wait for more', async () => {
  const id = await makeInstance(service);
  const headers = { ...(await service.credentials('service', '')), 'content-type': 'text/csv' };
  const sending = httpRequest(`${service.envoy.base}${PATH}`, { method: 'POST', headers });
  sending.on('error', () => undefined);
  for (let n = 0; n < 3500; n++) sending.write(`${id},demo:main,c-${id.slice(-6)}-${n},true\n`);
  await until(async () => (await optedIn(id))[0] === 3000);
  sending.destroy();
  await sleep(1000);
  assert.deepEqual(await optedIn(id), [3000, 3000]);
});

test('parts of a file come over a stream of gRPC, cut anywhere', async () => {
  const id = await makeInstance(service);
  const client = new Client(service.server.address, credentials.createInsecure());
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(await service.credentials('service', ''))) metadata.set(name, value);
  const { path, responseDeserialize } = InstanceServiceService.uploadOptIns;
  try {
    const answer = await new Promise<UploadOptInsResponse>((resolve, reject) => {
      const stream = client.makeClientStreamRequest(
        path,
        (part: UploadOptInsRequest) => Buffer.from(UploadOptInsRequest.encode(part).finish()),
        responseDeserialize,
        metadata,
        (error: ServiceError | null, answer) => (error === null ? resolve(answer!) : reject(error)),
      );
      const file = Array.from({ length: 50 }, (_, n) => `${id},main,"g-${id.slice(-6)}-${n}",1\r\n`).join('');
      for (let from = 0; from < file.length; from += 37)
        stream.write({ contentType: '', data: Buffer.from(file.slice(from, from + 37)) });
      stream.end();
    });
    assert.deepEqual([answer.applied, answer.errorCount, answer.errors.size], [50, 0, 0]);
    assert.deepEqual(await optedIn(id), [50, 50]);
  } finally {
    client.close();
  }
});

test('a file without a credential is refused before it is read, and is no other path’s body', async () => {
  const id = await makeInstance(service);
  const send = async (path: string, headers: Record<string, string>): Promise<number> =>
    (
      await fetch(`${service.envoy.base}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'text/csv', ...headers },
        body: `${id},main,n,true\n`,
      })
    ).status;
  assert.equal(await send(PATH, {}), 401);
  assert.equal(await send('/instances/optin', await service.credentials('service', '')), 400);
  assert.deepEqual(await optedIn(id), [0, 0]);
});
