import type { ApiError } from '../kernel/index.ts';

/** Collects what does not hold, each as "field: what is wrong". */
export class Check {
  readonly failures: string[] = [];

  fail(failure: string): void {
    this.failures.push(failure);
  }

  /** Takes over the fields that a refusal names. */
  refused({ fields }: ApiError): void {
    for (const { field, description } of fields) this.fail(`${field}: ${description}`);
  }

  holds(field: string, condition: boolean, otherwise: string): void {
    if (!condition) this.fail(`${field}: ${otherwise}`);
  }

  /** Compares what a proof states with what was computed from it, by their JSON. */
  same(field: string, stated: unknown, computed: unknown): void {
    const [is, should] = [JSON.stringify(stated), JSON.stringify(computed)];
    this.holds(field, is === should, `is ${shorten(is)}, but computes to ${shorten(should)}`);
  }

  /** Whether all of them are integers of zero or more that doubles hold exactly; fails each that is not. */
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
