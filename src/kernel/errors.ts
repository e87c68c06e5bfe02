import type { ErrorReason, Failure } from '../../gen/ts/windfall/common/v1/errors.ts';

/** The reasons of the contract's error catalogue, without their prefix. */
export type Reason = Exclude<keyof typeof ErrorReason, 'UNSPECIFIED'>;

/**
 * What is wrong with one field of a request: `field` is its path in the contract's names, such as `items[3].user_id`.
 */
export interface FieldIssue {
  readonly field: string;
  readonly description: string;
  readonly reason: string;
}

/**
 * An error that is returned to the caller as it is. It is thrown, but is not an Error: it is an expected outcome, and
 * a stack trace costs 2 µs, more than the rest of a command that fails.
 */
export class ApiError {
  readonly reason: Reason;
  readonly message: string;
  readonly details: Readonly<Record<string, string>>;
  readonly fields: readonly FieldIssue[];
  readonly retryAfterMs: number | undefined;

  constructor(reason: Reason, message: string, more: ApiErrorDetails = {}) {
    this.reason = reason;
    this.message = message;
    this.details = more.details ?? {};
    this.fields = more.fields ?? [];
    this.retryAfterMs = more.retryAfterMs;
  }
}

export interface ApiErrorDetails {
  readonly details?: Readonly<Record<string, string>>;
  readonly fields?: readonly FieldIssue[];
  readonly retryAfterMs?: number;
}

/** An INVALID_ARGUMENT for one field, for rules that the contract's field rules cannot express. */
export function invalid(field: string, description: string): ApiError {
  return new ApiError('INVALID_ARGUMENT', `${field} ${description}`, {
    fields: [{ field, description, reason: 'INVALID' }],
  });
}

/**
 * The error of one item of a batch as the contract's Failure. `runInOrder` turns every error of an item into an
 * ApiError.
 */
export function failureOf(
  { reason, message, details, fields, retryAfterMs }: ApiError,
  codeOf: (reason: Reason) => number,
): Failure {
  return {
    code: codeOf(reason) as Failure['code'],
    reason,
    message,
    details: new Map(Object.entries(details)),
    fields: [...fields],
    retryDelay:
      retryAfterMs === undefined
        ? undefined
        : { seconds: BigInt(Math.floor(retryAfterMs / 1000)), nanos: (retryAfterMs % 1000) * 1_000_000 },
  };
}
