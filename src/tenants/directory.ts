import type { EntityManager } from '@mikro-orm/postgresql';
import type { Reads } from '../db/index.ts';
import type { AssetNo } from '../journal/index.ts';
import { invalid, ApiError, type Caller, type OperatorNo } from '../kernel/index.ts';
import { Asset, Brand, Operator } from './entities.ts';
import { ReadThrough } from './read-through.ts';

/** A new brand or asset works after this time at the latest. A busy operator costs a read this often. */
const FRESH_MS = 1000;
/** Operators are never renamed. */
const NAME_MS = 60_000;
/** The maximum number of cached operators, brands and assets together: 100 bytes each. */
const THINGS_MAX = 200_000;
const NAMES_MAX = 10_000;
/** Rows by their keys take 1 ms: a read that takes this long hangs on a broken connection. */
const QUICK_MS = 2000;
const NAME = /^[A-Za-z0-9._:@-]{1,64}$/;

/** A cache of operators with their brands and assets: bounded, and allowed to be stale. */
export class Directory {
  readonly #tenants: ReadThrough<OperatorNo, Tenant>;
  readonly #numbers: ReadThrough<string, OperatorNo>;

  constructor(reads: Reads) {
    this.#tenants = new ReadThrough<OperatorNo, Tenant>({
      read: (operators) => reads((em) => readTenants(em, operators), QUICK_MS),
      foundMs: FRESH_MS,
      missingMs: FRESH_MS,
      sizeMax: THINGS_MAX,
      sizeOf: ({ size }) => size,
    });
    this.#numbers = new ReadThrough<string, OperatorNo>({
      read: (names) => reads((em) => readNumbers(em, names), QUICK_MS),
      foundMs: NAME_MS,
      missingMs: FRESH_MS,
      sizeMax: NAMES_MAX,
    });
  }

  /** An operator; no promise if it is cached. Throws OPERATOR_NOT_FOUND. */
  of(operator: OperatorNo): Tenant | Promise<Tenant> {
    return required(this.#tenants.get(operator));
  }

  /** Must be called after an operator was changed: from then on this server sees it. */
  changed(operator: OperatorNo): void {
    this.#tenants.expire(operator);
  }

  /** Must be called after an operator was created: from then on this server finds it. */
  created(name: string): void {
    this.#numbers.expire(name);
  }

  /** The number of an operator; no promise if it is cached. Throws OPERATOR_NOT_FOUND. */
  numberOf(name: string): OperatorNo | Promise<OperatorNo> {
    return required(NAME.test(name) ? this.#numbers.get(name) : undefined);
  }

  /** The code of an asset, if it is cached; otherwise `#<number>`. */
  assetCode(operator: OperatorNo, assetNo: AssetNo): string {
    return this.#tenants.last(operator)?.assetCode(assetNo) ?? `#${assetNo}`;
  }
}

function required<T>(found: T | undefined | Promise<T | undefined>): T | Promise<T> {
  if (found instanceof Promise) return found.then(required);
  if (found === undefined) throw new ApiError('OPERATOR_NOT_FOUND', 'no such operator');
  return found;
}

async function readTenants(em: EntityManager, operators: readonly OperatorNo[]): Promise<Map<OperatorNo, Tenant>> {
  const ofThese = { operatorId: { $in: [...operators] } };
  const found = await em.find(Operator, ofThese);
  const brandsOf = Map.groupBy(await em.find(Brand, ofThese), ({ operatorId }) => operatorId);
  const assetsOf = Map.groupBy(await em.find(Asset, ofThese), ({ operatorId }) => operatorId);
  return new Map(
    found.map(({ operatorId: operator, name, enabled, createPlayers, webhookHosts, webhookHttp, webhookPrivate }) => [
      operator,
      new Tenant({
        operator,
        name,
        enabled,
        createPlayers,
        webhooks: { hosts: webhookHosts, http: webhookHttp, privateNetworks: webhookPrivate },
        brands: brandsOf.get(operator) ?? [],
        assets: (assetsOf.get(operator) ?? []).map(({ assetNo, code, expiresAfterSeconds }) => ({
          assetNo,
          code,
          expiresAfterSeconds,
        })),
      }),
    ]),
  );
}

async function readNumbers(em: EntityManager, names: readonly string[]): Promise<Map<string, OperatorNo>> {
  const found = await em.find(Operator, { name: { $in: [...names] } });
  return new Map(found.map(({ name, operatorId }) => [name, operatorId]));
}

/** Where webhooks and callbacks may go. */
export interface TenantWebhooks {
  readonly hosts: readonly string[];
  readonly http: boolean;
  readonly privateNetworks: boolean;
}

const NOWHERE: TenantWebhooks = { hosts: [], http: false, privateNetworks: false };

/** The data of an operator. */
export interface TenantData {
  readonly operator: OperatorNo;
  readonly name: string;
  /** Unset: yes. */
  readonly enabled?: boolean;
  /** Whether a write that names an unknown player creates the player. */
  readonly createPlayers: boolean;
  /** Where webhooks and callbacks may go; unset: nowhere. */
  readonly webhooks?: TenantWebhooks;
  readonly brands: readonly {
    readonly brandId: number;
    readonly name: string;
    /** Unset: yes. */
    readonly enabled?: boolean;
  }[];
  readonly assets: readonly {
    readonly assetNo: AssetNo;
    readonly code: string;
    /** 0 or unset: never. */
    readonly expiresAfterSeconds?: number;
  }[];
}

/** An operator with its brands and assets, which may be slightly stale. */
export class Tenant {
  readonly operator: OperatorNo;
  readonly name: string;
  readonly createPlayers: boolean;
  readonly webhooks: TenantWebhooks;
  readonly #enabled: boolean;
  readonly #brands: ReadonlyMap<number, string>;
  readonly #brandNumbers: ReadonlyMap<string, number>;
  readonly #disabled: ReadonlySet<number>;
  readonly #codes: ReadonlyMap<AssetNo, string>;
  readonly #numbers: ReadonlyMap<string, AssetNo>;
  readonly #expiries: ReadonlyMap<AssetNo, number>;

  constructor({ operator, name, enabled = true, createPlayers, webhooks = NOWHERE, brands, assets }: TenantData) {
    this.#enabled = enabled;
    this.webhooks = webhooks;
    this.operator = operator;
    this.name = name;
    this.createPlayers = createPlayers;
    this.#brands = new Map(brands.map((brand) => [brand.brandId, brand.name]));
    this.#brandNumbers = new Map(brands.map((brand) => [brand.name, brand.brandId]));
    this.#disabled = new Set(brands.filter(({ enabled = true }) => !enabled).map(({ brandId }) => brandId));
    this.#codes = new Map(assets.map(({ assetNo, code }) => [assetNo, code]));
    this.#numbers = new Map(assets.map(({ assetNo, code }) => [code, assetNo]));
    this.#expiries = new Map(assets.map(({ assetNo, expiresAfterSeconds = 0 }) => [assetNo, expiresAfterSeconds]));
  }

  /** Its size in the cache: how many entries it has. */
  get size(): number {
    return 1 + this.#brands.size + this.#codes.size;
  }

  hasAsset(code: string): boolean {
    return this.#numbers.has(code);
  }

  /** The number of an asset. Throws ASSET_NOT_FOUND. */
  assetNo(code: string): AssetNo {
    const assetNo = this.#numbers.get(code);
    if (assetNo === undefined) {
      throw new ApiError('ASSET_NOT_FOUND', `the operator has no asset ${code}`, { details: { asset: code } });
    }
    return assetNo;
  }

  /** How many seconds after its credit a unit of an asset expires. Throws UNAVAILABLE if that is not known yet. */
  expiryOf(assetNo: AssetNo): number {
    const seconds = this.#expiries.get(assetNo) ?? 0;
    if (seconds === 0) throw new ApiError('UNAVAILABLE', 'the asset is too new', { retryAfterMs: 1000 });
    return seconds;
  }

  /** The code of an asset; `#<number>` for one that is newer than the cached data. */
  assetCode(assetNo: AssetNo): string {
    return this.#codes.get(assetNo) ?? `#${assetNo}`;
  }

  /** The number of a brand by its name, or by its number as text; undefined: the operator has no such brand. */
  brandNo(brandId: string): number | undefined {
    if (!/^[1-9]\d{0,9}$/.test(brandId)) return this.#brandNumbers.get(brandId);
    return this.#brands.has(Number(brandId)) ? Number(brandId) : undefined;
  }

  /** The name of a brand; its number for one that is newer than the cached data. */
  brandName(brandNo: number): string {
    return this.#brands.get(brandNo) ?? String(brandNo);
  }

  /**
   * The number of the brand that a request names by name or number; empty: the credential's only brand, otherwise the
   * operator's only one. Throws INVALID_ARGUMENT (empty, and the operator does not have exactly one), BRAND_NOT_FOUND
   * (not the operator's, or not the credential's), BRAND_DISABLED and OPERATOR_DISABLED (for all but admins).
   */
  brand({ brand, role }: Caller, requested: string): number {
    const brandNo = requested === '' ? (brand ?? this.#onlyBrand()) : this.brandNo(requested);
    if (brandNo === undefined || (brand !== null && brand !== brandNo)) {
      throw new ApiError('BRAND_NOT_FOUND', 'no such brand', { details: { brand_id: requested } });
    }
    if (role !== 'admin') this.requireEnabled(brandNo);
    return brandNo;
  }

  /** Throws OPERATOR_DISABLED. */
  requireServed(): void {
    if (this.#enabled) return;
    throw new ApiError('OPERATOR_DISABLED', 'the operator is disabled', { details: { operator_id: this.name } });
  }

  /** Throws OPERATOR_DISABLED, BRAND_DISABLED. */
  requireEnabled(brandNo: number): void {
    this.requireServed();
    if (!this.#disabled.has(brandNo)) return;
    throw new ApiError('BRAND_DISABLED', 'the brand is disabled', { details: { brand_id: this.brandName(brandNo) } });
  }

  #onlyBrand(): number {
    const [first, second] = this.#brands.keys();
    if (first === undefined || second !== undefined) {
      throw invalid('brand_id', `must be given: the operator has ${this.#brands.size} brands`);
    }
    return first;
  }
}
