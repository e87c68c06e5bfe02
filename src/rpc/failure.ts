import { randomUUID } from 'node:crypto';
import type { BinaryWriter } from '@bufbuild/protobuf/wire';
import { Metadata, status as Code, type StatusObject } from '@grpc/grpc-js';
import { BadRequest, ErrorInfo, RetryInfo } from '../../gen/ts/google/rpc/error_details.ts';
import { Status } from '../../gen/ts/google/rpc/status.ts';
import { ApiError, type Reason } from '../kernel/index.ts';
import type { ErrorFace, ReasonPolicy } from './contract.ts';
import { restFailure } from './rest-failure.ts';

/** How a call fails: what is returned to its caller, and what is only logged. */
export interface Failure {
  readonly status: StatusObject;
  readonly reason: Reason;
  /** For an internal error: what was thrown, and the id that the caller and the log both get. */
  readonly fault: { readonly id: string; readonly thrown: unknown } | undefined;
}

// Clients in Java and C++ accept 8 KiB of headers in total. Base64 makes the details a third longer.
const MESSAGE_MAX = 1024;
const DETAILS_MAX = 4096;

/**
 * Converts what a call threw to a status. Only an ApiError is returned as it is. For anything else the caller gets
 * only an id.
 */
export function describeFailure(
  thrown: unknown,
  reasons: ReadonlyMap<Reason, ReasonPolicy>,
  face: ErrorFace | null,
): Failure {
  const fault = thrown instanceof ApiError ? undefined : { id: randomUUID(), thrown };
  const error = thrown instanceof ApiError ? thrown : new ApiError('INTERNAL', `internal error ${fault!.id}`);
  const policy = reasons.get(error.reason) ?? { code: Code.INTERNAL, status: 500 };
  const message = error.message.slice(0, MESSAGE_MAX).toWellFormed();
  const metadata = face === null ? grpcFailure(error, policy.code, message) : restFailure(error, policy, message, face);
  return { status: { code: policy.code, details: message, metadata }, reason: error.reason, fault };
}

function grpcFailure(error: ApiError, code: number, message: string): Metadata {
  const metadata = new Metadata();
  let fields = error.fields.length;
  let bytes = encodeStatus(error, code, message, fields);
  while (bytes.length > DETAILS_MAX && fields > 0) {
    fields >>= 1;
    bytes = encodeStatus(error, code, message, fields);
  }
  if (bytes.length <= DETAILS_MAX) metadata.set('grpc-status-details-bin', bytes);
  return metadata;
}

/** google.rpc.Status. Its message must equal grpc-message: Python's grpcio-status throws if they differ. */
function encodeStatus(error: ApiError, code: number, message: string, fieldCount: number): Buffer {
  const { reason, retryAfterMs } = error;
  const metadata = new Map(Object.entries(error.details));
  const details = [any('ErrorInfo', ErrorInfo.encode({ reason, domain: 'windfall', metadata }))];
  if (retryAfterMs !== undefined) {
    const retryDelay = {
      seconds: BigInt(Math.floor(retryAfterMs / 1000)),
      nanos: Math.floor(retryAfterMs % 1000) * 1e6,
    };
    details.push(any('RetryInfo', RetryInfo.encode({ retryDelay })));
  }
  if (fieldCount > 0) {
    const fieldViolations = error.fields
      .slice(0, fieldCount)
      .map((field) => ({ ...field, localizedMessage: undefined }));
    details.push(any('BadRequest', BadRequest.encode({ fieldViolations })));
  }
  return Buffer.from(Status.encode({ code, message, details }).finish());
}

function any(name: string, writer: BinaryWriter): { typeUrl: string; value: Buffer } {
  return { typeUrl: `type.googleapis.com/google.rpc.${name}`, value: Buffer.from(writer.finish()) };
}
