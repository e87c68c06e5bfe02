import assert from 'node:assert/strict';
import { create } from '@bufbuild/protobuf';
import { FieldOptionsSchema } from '@bufbuild/protobuf/wkt';
import { describe, test } from 'vitest';
import { Metrics, createServer, type Contract } from '../../src/rpc/index.ts';
import { compileNulls } from '../../src/rpc/nulls.ts';
import { pino } from 'pino';
import { ProbeServiceService } from '../edge/gen/probe/v1/probe.ts';
import { authenticate, contract, probe } from '../edge/probe.ts';
import { editedContract, messageOf, setOption } from './edited-contract.ts';

const policy = (name: string) => contract.methods.get(`/probe.v1.ProbeService/${name}`)!;
const nullsOf = ({ registry }: Contract, name: string) =>
  compileNulls(registry, registry.getMessage(`probe.v1.${name}`)!);

describe('contract', () => {
  test('says who may call, and how the answer looks over REST', () => {
    const { access, rest } = policy('CreateThing');
    assert.deepEqual([...access.roles], ['player', 'service']);
    assert.equal(access.scope, 'ledger:issue');
    assert.equal(access.throttled, false);
    assert.equal(rest.status, 201);
    assert.equal(rest.unwrap, null);
    assert.equal(policy('LogIn').access.throttled, true);
    assert.deepEqual([policy('ListThings').rest.status, policy('ListThings').rest.unwrap], [200, 'things']);
    assert.equal(policy('GetThing').rest.unwrap, 'thing');
    assert.deepEqual([policy('AnswerPots').rest.errors, policy('AnswerCoins').rest.errors], ['pots', 'coins']);
  });

  test('says how each reason is returned', () => {
    assert.deepEqual(contract.reasons.get('INSUFFICIENT_BALANCE'), { code: 9, status: 402 });
    assert.deepEqual(contract.reasons.get('UNAUTHENTICATED'), { code: 16, status: 401 });
  });

  test('is rejected if it has an RPC that no role may call', () => {
    assert.throws(
      () =>
        editedContract(({ service: [service] }) => {
          const method = service!.method.find(({ name }) => name === 'LogIn')!;
          setOption(method, 'windfall.options.v1.access', { roles: [], throttled: true });
        }),
      /no role that may call \/probe\.v1\.ProbeService\/LogIn$/,
    );
  });

  test('is rejected if it unwraps a field that is not the whole response', () => {
    const edits = [
      ['Answer', 'text'],
      ['Answer', 'nothing'],
      ['CreateThing', 'thing'],
      ['Watch', 'text'],
    ] as const;
    for (const [name, unwrap] of edits) {
      assert.throws(
        () =>
          editedContract(({ service: [service] }) => {
            setOption(
              service!.method.find((method) => method.name === name)!,
              'windfall.options.v1.rest',
              { unwrap },
            );
          }),
        new RegExp(`${name}: "${unwrap}" cannot be unwrapped`),
      );
    }
  });

  test('marks unset nullable fields, in messages inside too, in a copy', () => {
    const nulls = nullsOf(contract, 'ListThingsResponse')!;
    assert.deepEqual(nulls.names, ['note']);
    const message = { things: [{ id: 'a' }, { id: 'b', note: 'kept' }] };
    assert.deepEqual(nulls.mark(message), {
      things: [
        { id: 'a', note: '\0' },
        { id: 'b', note: 'kept' },
      ],
    });
    assert.deepEqual(message, { things: [{ id: 'a' }, { id: 'b', note: 'kept' }] });
    assert.deepEqual(nullsOf(contract, 'AnswerResponse')!.mark({ text: '' }), {
      text: '',
      note: '\0',
      odds: -Number.MAX_VALUE,
      extent: { odds: -1.7976931348623155e308, wide: 0 },
      label: { note: '\0\0', colour: '', parts: [] },
    });
    assert.equal(nullsOf(contract, 'WatchResponse'), null);
  });

  test('is refused where a field cannot be null', () => {
    const edited = editedContract((file) => {
      const field = messageOf(file, 'WatchResponse').field[0]!;
      field.options ??= create(FieldOptionsSchema);
      setOption(field, 'windfall.options.v1.nullable', true);
    });
    assert.throws(
      () => nullsOf(edited, 'WatchResponse'),
      /WatchResponse\.sequence: only an optional string or double, or a message/,
    );
  });
});

describe('server', () => {
  const start = (implementation: object): unknown =>
    createServer({
      contract,
      services: [[ProbeServiceService, implementation as typeof probe]],
      authenticate,
      log: pino({ level: 'silent' }),
      metrics: new Metrics(),
      etagKey: Buffer.alloc(0),
    });

  test('does not start while an RPC is not implemented', () => {
    const { answer: _, ...rest } = probe;
    assert.throws(() => start(rest), /^Error: \/probe\.v1\.ProbeService\/Answer is not implemented$/);
  });

  test('does not start if a service of the contract is not implemented', () => {
    const empty = {
      contract,
      services: [],
      authenticate,
      log: pino({ level: 'silent' }),
      metrics: new Metrics(),
      etagKey: Buffer.alloc(0),
    };
    assert.throws(() => createServer(empty), /^Error: \/probe\.v1\.ProbeService\/[^]*: not implemented$/);
  });

  test('does not start with an RPC that the contract does not have', () => {
    const edited = editedContract(({ service: [service] }) => service!.method.pop());
    assert.throws(
      () =>
        createServer({
          contract: edited,
          services: [[ProbeServiceService, probe]],
          authenticate,
          log: pino({ level: 'silent' }),
          metrics: new Metrics(),
          etagKey: Buffer.alloc(0),
        }),
      /\/probe\.v1\.ProbeService\/Check is not in the contract/,
    );
  });
});
