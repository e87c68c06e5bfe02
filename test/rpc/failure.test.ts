import assert from 'node:assert/strict';
import { status as Code } from '@grpc/grpc-js';
import { describe, test } from 'vitest';
import { BadRequest, ErrorInfo, RetryInfo } from '../../gen/ts/google/rpc/error_details.ts';
import { Status } from '../../gen/ts/google/rpc/status.ts';
import { ApiError, type ApiErrorDetails, type Reason } from '../../src/kernel/index.ts';
import { loadContract, type ErrorFace } from '../../src/rpc/contract.ts';
import { describeFailure } from '../../src/rpc/failure.ts';

const { reasons } = loadContract(new URL('../../gen/api.binpb', import.meta.url));
const fields = (count: number, text: string) =>
  Array.from({ length: count }, (_, i) => ({ field: `f${i}`, description: text, reason: 'INVALID' }));

/** The failure of a call over REST: its headers, and its body if the edge does not make it. */
function overRest(reason: Reason, more: ApiErrorDetails = {}, face: ErrorFace = 'default', message = 'why') {
  const { status } = describeFailure(new ApiError(reason, message, more), reasons, face);
  const [text] = status.metadata.get('x-rest-body') as string[];
  return {
    text,
    body: text === undefined ? undefined : (JSON.parse(text) as unknown),
    status: status.metadata.get('x-rest-status')[0],
    code: status.metadata.get('x-rest-code')[0],
    retryAfter: status.metadata.get('retry-after')[0],
  };
}

describe('the error of a call over REST', () => {
  test('has status and code, and a body of its own only if there is more to say', () => {
    assert.deepEqual(overRest('UNAUTHENTICATED'), {
      text: undefined,
      body: undefined,
      status: '401',
      code: 'UNAUTHENTICATED',
      retryAfter: undefined,
    });
    assert.deepEqual(overRest('INSUFFICIENT_BALANCE', { details: { asset: 'USD' } }).body, {
      error: { code: 'INSUFFICIENT_BALANCE', message: 'why', details: { asset: 'USD' } },
    });
    const [issue] = fields(1, 'must be more');
    const both = overRest('INVALID_ARGUMENT', { details: { id: 'x' }, fields: [issue!] });
    assert.deepEqual(both.body, {
      error: { code: 'INVALID_ARGUMENT', message: 'why', details: { id: 'x', fields: [issue] } },
    });
  });

  test('says in whole seconds when to come again, never too early', () => {
    const after = (retryAfterMs: number) => overRest('RATE_LIMITED', { retryAfterMs }).retryAfter;
    assert.deepEqual([after(1), after(1000), after(1001), after(0)], ['1', '1', '2', '0']);
  });

  test('has the documented bodies of other faces', () => {
    const details = { id: 'x' };
    assert.deepEqual(overRest('INTERNAL', {}, 'pots').body, { status_code: 500, code: 'INTERNAL', message: 'why' });
    assert.deepEqual(overRest('RATE_LIMITED', { details }, 'pots').body, {
      status_code: 429,
      code: 'RATE_LIMITED',
      message: 'why',
    });
    assert.deepEqual(overRest('RATE_LIMITED', { details }, 'coins').body, {
      status: 'fail',
      data: details,
      message: 'why',
    });
    assert.deepEqual(overRest('RATE_LIMITED', {}, 'coins').body, { status: 'fail', data: null, message: 'why' });
    assert.deepEqual(overRest('INTERNAL', {}, 'coins').body, { status: 'error', data: null, message: 'why' });
    const [issue] = fields(1, 'must be more');
    assert.deepEqual(overRest('INVALID_ARGUMENT', { fields: [issue!] }, 'coins').body, {
      status: 'fail',
      data: { fields: [issue] },
      message: 'why',
    });
  });

  test('is a header: ASCII alone, and left out where it is too long for one', () => {
    const { text, body } = overRest('ALREADY_EXISTS', { details: { id: 'Zoë\u007f 🎲\n' } });
    assert.match(text!, /^[ -~]*$/);
    assert.deepEqual(body, { error: { code: 'ALREADY_EXISTS', message: 'why', details: { id: 'Zoë\u007f 🎲\n' } } });
    const lengthOf = (length: number) =>
      overRest('ALREADY_EXISTS', { details: { id: 'x'.repeat(length) } }).text?.length;
    const frame = lengthOf(1)! - 1;
    assert.equal(lengthOf(16_384 - frame), 16_384);
    assert.equal(lengthOf(16_385 - frame), undefined);
  });
});

describe('the error of a call over gRPC', () => {
  const overGrpc = (reason: Reason, more: ApiErrorDetails = {}) => {
    const { status } = describeFailure(new ApiError(reason, 'why', more), reasons, null);
    const [bytes] = status.metadata.get('grpc-status-details-bin') as Buffer[];
    if (bytes === undefined) return { status, bytes, details: null };
    const { code, message, details } = Status.decode(bytes);
    const of = (name: string) => details.find(({ typeUrl }) => typeUrl.endsWith(`.${name}`))?.value;
    const [info, retry, bad] = [of('ErrorInfo'), of('RetryInfo'), of('BadRequest')];
    return {
      status,
      bytes,
      details: {
        code,
        message,
        info: ErrorInfo.decode(info!),
        retry: retry && RetryInfo.decode(retry).retryDelay,
        violations: bad && BadRequest.decode(bad).fieldViolations,
      },
    };
  };

  test('has its code and reason, and says when to come again', () => {
    const { status, details } = overGrpc('RATE_LIMITED', { retryAfterMs: 1250, details: { id: 'x' } });
    assert.deepEqual([status.code, status.details], [Code.RESOURCE_EXHAUSTED, 'why']);
    const { code, message, info, retry, violations } = details!;
    assert.deepEqual([code, message, info.reason, info.domain], [status.code, 'why', 'RATE_LIMITED', 'windfall']);
    assert.deepEqual([...info.metadata], [['id', 'x']]);
    assert.deepEqual([retry!.seconds, retry!.nanos, violations], [1n, 250_000_000, undefined]);
  });

  test('names as many fields as there is room for, and the details never exceed 4 KiB', () => {
    const few = overGrpc('INVALID_ARGUMENT', { fields: fields(3, 'x') }).details!.violations!;
    assert.deepEqual(
      few.map(({ field, description, reason }) => [field, description, reason]),
      [0, 1, 2].map((i) => [`f${i}`, 'x', 'INVALID']),
    );
    const many = overGrpc('INVALID_ARGUMENT', { fields: fields(20, 'x'.repeat(300)) });
    assert.equal(many.details!.violations!.length, 10);
    assert.ok(many.bytes!.length <= 4096);
    assert.equal(overGrpc('INVALID_ARGUMENT', { details: { id: 'x'.repeat(5000) } }).bytes, undefined);
  });
});

describe('an internal error', () => {
  test('tells its caller an id and nothing else', () => {
    const thrown = new Error('secret');
    for (const face of [null, 'default'] as const) {
      const { status, reason, fault } = describeFailure(thrown, reasons, face);
      assert.deepEqual([status.code, reason, fault!.thrown], [Code.INTERNAL, 'INTERNAL', thrown]);
      assert.equal(status.details, `internal error ${fault!.id}`);
      assert.ok(!JSON.stringify(status.metadata.getMap()).includes('secret'));
    }
    assert.notEqual(describeFailure(thrown, reasons, null).fault!.id, describeFailure(thrown, reasons, null).fault!.id);
  });

  test('is what no refusal is', () => {
    assert.equal(describeFailure(new ApiError('RATE_LIMITED', 'no'), reasons, null).fault, undefined);
  });

  test('and any other has a message of 1,024 characters at most, which are whole', () => {
    const long = describeFailure(new ApiError('RATE_LIMITED', `${'x'.repeat(1023)}🎲`), reasons, null).status.details;
    assert.equal(long.length, 1024);
    assert.ok(long.isWellFormed());
  });
});
