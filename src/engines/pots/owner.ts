import { sql, type RawBuilder } from 'kysely';
import { ApiError, type Caller } from '../../kernel/index.ts';
import type { Tenant } from '../../tenants/index.ts';

/**
 * The number of the brand that an owner_id names, "operator" or "operator:brand"; 0: the operator's own. Throws
 * OPERATOR_NOT_FOUND (not the caller's), BRAND_NOT_FOUND (not the operator's, or not the credential's).
 */
export function ownerOf(tenant: Tenant, caller: Caller, ownerId: string): number {
  const [operator, brand] = ownerId.split(':');
  if (operator !== tenant.name)
    throw new ApiError('OPERATOR_NOT_FOUND', 'no such operator', { details: { owner_id: ownerId } });
  if (brand === undefined) return 0;
  return tenant.brand(caller, brand);
}

/** The owner_id of a brand's number; 0: the operator's own. */
export const ownerName = (tenant: Tenant, brandId: number): string =>
  brandId === 0 ? tenant.name : `${tenant.name}:${tenant.brandName(brandId)}`;

/** Whether a caller may see what a brand owns. A credential of one brand sees its own, and the operator's. */
export const isVisible = ({ brand }: Pick<Caller, 'brand'>, brandId: number): boolean =>
  brand === null || brandId === 0 || brand === brandId;

/** The condition of rows by their owning brand for what a caller may see. */
export const visibleBrands = ({ brand }: Caller): { brandId?: { $in: number[] } } =>
  brand === null ? {} : { brandId: { $in: [0, brand] } };

/** What narrows rows of players to those of a brand. */
export const isOfBrand = (brand: number): RawBuilder<boolean> =>
  sql`exists (select from player p
    where p.operator_id = t.operator_id and p.id = t.player_id and p.brand_id = ${brand})`;
