/** The reasons of the contract's error catalogue (windfall.common.v1.ErrorReason), without its prefix. */
export type Reason =
  | 'UNAUTHENTICATED' | 'PERMISSION_DENIED' | 'SCOPE_MISSING' | 'OPERATOR_MISMATCH' | 'INVALID_ARGUMENT'
  | 'IDEMPOTENCY_KEY_REUSED' | 'ALREADY_EXISTS' | 'OPERATOR_NOT_FOUND' | 'BRAND_NOT_FOUND' | 'ASSET_NOT_FOUND'
  | 'PLAYER_NOT_FOUND' | 'LOOTBOX_NOT_FOUND' | 'TRANSFER_NOT_FOUND' | 'OPERATION_NOT_FOUND' | 'DRAW_NOT_FOUND'
  | 'API_KEY_NOT_FOUND' | 'VERSION_MISMATCH' | 'SEED_HASH_MISMATCH' | 'CONFIG_HASH_MISMATCH'
  | 'INSUFFICIENT_BALANCE' | 'BALANCE_OUT_OF_RANGE' | 'TOO_LARGE' | 'RATE_LIMITED' | 'OVERLOADED'
  | 'NOT_REVERSIBLE' | 'DEADLINE_EXCEEDED' | 'UNAVAILABLE' | 'INTERNAL' | 'UNIMPLEMENTED' | 'CANCELLED'
  | 'JACKPOT_NOT_FOUND' | 'POT_NOT_FOUND' | 'DROP_NOT_ALLOWED' | 'NOTHING_TO_DROP' | 'NO_WINNER' | 'SEED_SEALED';

/** What is wrong with one field of a request: `field` is its path in the contract's names, as `items[3].user_id`. */
export interface FieldIssue {
  readonly field: string;
  readonly description: string;
  readonly reason: string;
}

/**
 * A call that was refused, told to its caller as it stands. It is thrown, but is no Error: a refusal is an outcome, and
 * taking a stack trace costs 2 µs where the rest of a refused command costs less.
 */
export class Refusal {
  readonly reason: Reason;
  readonly message: string;
  readonly details: Readonly<Record<string, string>>;
  readonly fields: readonly FieldIssue[];
  readonly retryAfterMs: number | undefined;

  constructor(reason: Reason, message: string, more: RefusalDetails = {}) {
    this.reason = reason;
    this.message = message;
    this.details = more.details ?? {};
    this.fields = more.fields ?? [];
    this.retryAfterMs = more.retryAfterMs;
  }
}

export interface RefusalDetails {
  readonly details?: Readonly<Record<string, string>>;
  readonly fields?: readonly FieldIssue[];
  readonly retryAfterMs?: number;
}

/** The refusal of one field, for rules that the contract's field rules cannot say. */
export function invalid(field: string, description: string): Refusal {
  return new Refusal('INVALID_ARGUMENT', `${field} ${description}`, {
    fields: [{ field, description, reason: 'INVALID' }],
  });
}

/** The error of one item of a batch, as the contract's Failure has it; `runInOrder` makes Refusals of all of them. */
export function failureOf({ reason, message, details, fields }: Refusal): { code: string; message: string; details: Map<string, string> } {
  const named = fields.map(({ field, description }) => [field, description] as const);
  return { code: reason, message, details: new Map([...Object.entries(details), ...named]) };
}
