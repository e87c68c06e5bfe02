import type { ApiError } from '../kernel/index.ts';

/** Collects failures, each as "field: what is wrong". */
export class Check {
  readonly failures: string[] = [];

  fail(failure: string): void {
    this.failures.push(failure);
  }

  /** Adds the fields that an ApiError names. */
  refused({ fields }: ApiError): void {
    for (const { field, description } of fields) this.fail(`${field}: ${description}`);
  }

  holds(field: string, condition: boolean, otherwise: string): void {
    if (!condition) this.fail(`${field}: ${otherwise}`);
  }

  /** Compares a value that a proof states with the computed one, by their JSON. */
  same(field: string, stated: unknown, computed: unknown): void {
    const [is, should] = [JSON.stringify(stated), JSON.stringify(computed)];
    this.holds(field, is === should, `is ${shorten(is)}, but computes to ${shorten(should)}`);
  }

  /**
   * Whether all of them are integers of zero or more that doubles hold exactly; adds a failure for each that is not.
   */
  counts(numbers: Readonly<Record<string, number>>): boolean {
    const isCount = (number: number): boolean => Number.isSafeInteger(number) && number >= 0;
    const wrong = Object.keys(numbers).filter((field) => !isCount(numbers[field]!));
    for (const field of wrong) this.fail(`${field}: is not a count`);
    return wrong.length === 0;
  }
}

function shorten(json: string | undefined): string {
  if (json === undefined) return 'absent';
  return json.length > 200 ? `${json.slice(0, 200)}…` : json;
}
