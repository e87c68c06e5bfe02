import type { Failure } from '../../gen/ts/windfall/common/v1/errors.ts';

interface Result<Case extends string, Answer> {
  readonly outcome?:
    | { readonly $case: Case; readonly value: Answer }
    | { readonly $case: 'failure'; readonly value: Failure }
    | undefined;
}

/** The answer of an item; undefined: it failed. */
export function answerOf<Case extends string, Answer>({ outcome }: Result<Case, Answer>): Answer | undefined {
  return outcome === undefined || outcome.$case === 'failure' ? undefined : (outcome.value as Answer);
}

/** The error of an item; undefined: it was done. */
export function failureOf({ outcome }: Result<string, unknown>): Failure | undefined {
  return outcome?.$case === 'failure' ? (outcome.value as Failure) : undefined;
}
