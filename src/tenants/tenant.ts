import type { AssetNo } from '../journal/index.ts';
import { invalid, Refusal, type Caller, type OperatorNo } from '../kernel/index.ts';

/** What is known of an operator. */
export interface TenantData {
  readonly operator: OperatorNo;
  readonly name: string;
  /** Whether a write that names an unknown player makes the player. */
  readonly createPlayers: boolean;
  readonly brandIds: readonly number[];
  readonly assets: readonly { readonly assetNo: AssetNo; readonly code: string }[];
}

/** An operator with its brands and assets, as they were a moment ago. */
export class Tenant {
  readonly operator: OperatorNo;
  readonly name: string;
  readonly createPlayers: boolean;
  readonly #brands: ReadonlySet<number>;
  readonly #codes: ReadonlyMap<AssetNo, string>;
  readonly #numbers: ReadonlyMap<string, AssetNo>;

  constructor({ operator, name, createPlayers, brandIds, assets }: TenantData) {
    this.operator = operator;
    this.name = name;
    this.createPlayers = createPlayers;
    this.#brands = new Set(brandIds);
    this.#codes = new Map(assets.map(({ assetNo, code }) => [assetNo, code]));
    this.#numbers = new Map(assets.map(({ assetNo, code }) => [code, assetNo]));
  }

  /** How many things it holds. */
  get size(): number {
    return 1 + this.#brands.size + this.#codes.size;
  }

  /** The number of an asset. Refuses: ASSET_NOT_FOUND. */
  assetNo(code: string): AssetNo {
    const assetNo = this.#numbers.get(code);
    if (assetNo === undefined) {
      throw new Refusal('ASSET_NOT_FOUND', `the operator has no asset ${code}`, { details: { asset: code } });
    }
    return assetNo;
  }

  /** The code of an asset; `#<number>` for one that is newer than what is known. */
  assetCode(assetNo: AssetNo): string {
    return this.#codes.get(assetNo) ?? `#${assetNo}`;
  }

  /**
   * The brand that a request means; 0 is the credential's only one, else the operator's only one. Refuses:
   * INVALID_ARGUMENT (which of several?), BRAND_NOT_FOUND (not the operator's, or not the credential's).
   */
  brand({ brand }: Caller, requested: number): number {
    if (requested === 0) return brand ?? this.#onlyBrand();
    if (!this.#brands.has(requested) || (brand !== null && brand !== requested)) {
      throw new Refusal('BRAND_NOT_FOUND', 'no such brand', { details: { brand_id: String(requested) } });
    }
    return requested;
  }

  #onlyBrand(): number {
    const [first, second] = this.#brands;
    if (first === undefined || second !== undefined) {
      throw invalid('brand_id', `must be given: the operator has ${this.#brands.size} brands`);
    }
    return first;
  }
}
