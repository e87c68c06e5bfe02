import { patiently, type Sql } from '../db/index.ts';
import type { AssetNo } from '../journal/index.ts';
import { Refusal, type OperatorNo } from '../kernel/index.ts';
import { ReadThrough } from './read-through.ts';
import { Tenant } from './tenant.ts';

/** A new brand or asset works after this long at most; a busy operator costs a read this often. */
const FRESH_MS = 1000;
/** Operators are never renamed. */
const NAME_MS = 60_000;
/** Operators, brands and assets together: 100 bytes each. */
const THINGS_MAX = 200_000;
const NAMES_MAX = 10_000;
const NAME = /^[A-Za-z0-9._:@-]{1,64}$/;

/** Operators with their brands and assets, in memory: bounded, and safe to be stale. */
export class Directory {
  readonly #tenants: ReadThrough<OperatorNo, Tenant>;
  readonly #numbers: ReadThrough<string, OperatorNo>;

  constructor(sql: Sql) {
    this.#tenants = new ReadThrough<OperatorNo, Tenant>({
      read: (operators) => patiently(() => readTenants(sql, operators)),
      foundMs: FRESH_MS, missingMs: FRESH_MS, sizeMax: THINGS_MAX, sizeOf: ({ size }) => size,
    });
    this.#numbers = new ReadThrough<string, OperatorNo>({
      read: (names) => patiently(() => readNumbers(sql, names)),
      foundMs: NAME_MS, missingMs: FRESH_MS, sizeMax: NAMES_MAX,
    });
  }

  /** An operator, without a promise where it is known. Refuses: OPERATOR_NOT_FOUND. */
  of(operator: OperatorNo): Tenant | Promise<Tenant> {
    return required(this.#tenants.get(operator));
  }

  /** The number of an operator, without a promise where it is known. Refuses: OPERATOR_NOT_FOUND. */
  numberOf(name: string): OperatorNo | Promise<OperatorNo> {
    return required(NAME.test(name) ? this.#numbers.get(name) : undefined);
  }

  /** The code of an asset, as far as it is known without asking; else `#<number>`. */
  assetCode(operator: OperatorNo, assetNo: AssetNo): string {
    return this.#tenants.last(operator)?.assetCode(assetNo) ?? `#${assetNo}`;
  }
}

function required<T>(found: T | undefined | Promise<T | undefined>): T | Promise<T> {
  if (found instanceof Promise) return found.then(required);
  if (found === undefined) throw new Refusal('OPERATOR_NOT_FOUND', 'no such operator');
  return found;
}

const OF_THESE = 'where operator_id = any($1::int8[])';

async function readTenants(sql: Sql, operators: readonly OperatorNo[]): Promise<Map<OperatorNo, Tenant>> {
  const [found, brands, assets] = await Promise.all([
    sql(`select operator_id, name, create_players from operator ${OF_THESE}`, [operators]),
    sql(`select operator_id, brand_id from brand ${OF_THESE}`, [operators]),
    sql(`select operator_id, asset_no, code from asset ${OF_THESE}`, [operators]),
  ]);
  const brandsOf = Map.groupBy(brands, ([operator]) => operator);
  const assetsOf = Map.groupBy(assets, ([operator]) => operator);
  return new Map(found.map(([operator, name, createPlayers]) => [Number(operator), new Tenant({
    operator: Number(operator),
    name: name!,
    createPlayers: createPlayers === 't',
    brandIds: (brandsOf.get(operator) ?? []).map(([, brandId]) => Number(brandId)),
    assets: (assetsOf.get(operator) ?? []).map(([, no, code]) => ({ assetNo: Number(no), code: code! })),
  })]));
}

async function readNumbers(sql: Sql, names: readonly string[]): Promise<Map<string, OperatorNo>> {
  const found = await sql('select name, operator_id from operator where name = any($1::text[])', [names]);
  return new Map(found.map(([name, operator]) => [name!, Number(operator)]));
}
