import type { ApiKey as ApiKeyMessage, GetMeResponse } from '../../../gen/ts/windfall/auth/v1/auth.ts';
import type { Caller } from '../../kernel/index.ts';
import type { ApiKey } from '../../tenants/index.ts';

/** A key as the contract shows it. */
export function apiKeyMessage(key: ApiKey): ApiKeyMessage {
  const { name, prefix, scopes, createdAt } = key;
  return {
    name,
    prefix,
    scopes,
    keyId: BigInt(key.keyId),
    brandId: key.brandId ?? 0,
    createTime: createdAt,
    revokeTime: key.revokedAt ?? undefined,
  };
}

/** A caller as it is shown to itself. */
export function meMessage({ role, brand, userId, scopes, name }: Caller, operatorId: string): GetMeResponse {
  return { role, operatorId, brandId: brand ?? 0, userId: userId ?? '', scopes: [...scopes].sort(), name };
}
