import type { Caller } from '../../../kernel/index.ts';
import type { Platform } from '../../../platform/index.ts';
import type { Tenant } from '../../../tenants/index.ts';
import { ownerOf, visibleBrands } from '../owner.ts';
import { pageOptions, type Page } from './configure.ts';
import { PotsRoute, routeKind, type RouteKind } from './entities.ts';

/** What a list of sources or segments asks for. */
interface Wanted {
  readonly kind: RouteKind;
  /** Empty: any. */
  readonly ownerId: string;
  /** Empty: any. */
  readonly code: string;
  /** A part of the name, in any case; empty: any. */
  readonly name: string;
  readonly sort: 'code' | 'name' | 'priority';
  readonly page: Page;
}

/** A page of what the caller may see. Throws OPERATOR_NOT_FOUND, BRAND_NOT_FOUND. */
export async function listRoutes(
  { reads, tenants }: Platform,
  caller: Caller,
  { kind, ownerId, code, name, sort, page }: Wanted,
): Promise<{ readonly tenant: Tenant; readonly rows: readonly PotsRoute[] }> {
  const { operator: operatorId } = caller;
  const tenant = await tenants.of(operatorId);
  const where = {
    operatorId,
    kind: routeKind[kind],
    ...(ownerId === '' ? visibleBrands(caller) : { brandId: ownerOf(tenant, caller, ownerId) }),
    ...(code !== '' && { code }),
    ...(name !== '' && { name: { $ilike: `%${name.replaceAll(/[%_\\]/g, '\\$&')}%` } }),
  };
  const rows = await reads((em) => em.find(PotsRoute, where, pageOptions(page, [sort, 'routeId'])));
  return { tenant, rows };
}
