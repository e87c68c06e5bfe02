import type { ApiKey as ApiKeyMessage, GetMeResponse } from '../../../gen/ts/windfall/auth/v1/auth.ts';
import type { Caller } from '../../kernel/index.ts';
import type { ApiKey, Tenant } from '../../tenants/index.ts';

/** The message of an API key. */
export function apiKeyMessage(key: ApiKey, tenant: Tenant): ApiKeyMessage {
  const { name, prefix, scopes, createdAt } = key;
  return {
    name,
    prefix,
    scopes,
    keyId: BigInt(key.keyId),
    brandId: brandOf(key.brandId, tenant),
    createTime: createdAt,
    revokeTime: key.revokedAt ?? undefined,
    expireTime: key.expiresAt ?? undefined,
  };
}

/** The message of GetMe. */
export function meMessage({ role, brand, userId, scopes, name }: Caller, tenant: Tenant): GetMeResponse {
  return {
    role,
    name,
    operatorId: tenant.name,
    brandId: brandOf(brand, tenant),
    userId: userId ?? undefined,
    scopes: [...scopes].sort(),
  };
}

const brandOf = (brandNo: number | null | undefined, tenant: Tenant): string | undefined =>
  typeof brandNo === 'number' ? tenant.brandName(brandNo) : undefined;
