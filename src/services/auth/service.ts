import type { AuthServiceService } from '../../../gen/ts/windfall/auth/v1/auth.ts';
import { invalid, pageOf, positionNumber, type Caller } from '../../kernel/index.ts';
import type { Platform } from '../../platform/index.ts';
import type { Implementation } from '../../rpc/index.ts';
import { createApiKey, listApiKeys, makeSecret, revokeApiKey, type Actor } from '../../tenants/index.ts';
import { apiKeyMessage, meMessage } from './mapping.ts';

/** All scopes except issuing money, paying jackpots out and erasing players. */
const DEFAULT_SCOPES = ['read', 'play', 'jackpot:contribute', 'players:write'];

const authorOf = ({ operator, name }: Caller): Actor => ({ operator, caller: name });

/** AuthService. */
export function authService(platform: Platform): Implementation<typeof AuthServiceService> {
  const { orm, tenants, tokens, authenticator, login, mode } = platform;
  return {
    async loginAdmin({ username, password }, { address }) {
      const who = await login.admin(username, password, address);
      if (who === 'root') {
        const { token, expiresAt } = await tokens.issueRoot();
        return { token, expireTime: expiresAt, operatorId: '' };
      }
      const tenant = await tenants.of(who.operator);
      tenant.requireServed();
      const { token, expiresAt } = await tokens.issueAdmin({ ...who, userName: username });
      return { token, expireTime: expiresAt, operatorId: tenant.name };
    },
    async getMe(_, { caller }) {
      return meMessage(caller, await tenants.of(caller.operator));
    },
    async createApiKey({ name, scopes, brandId, idempotencyKey, expireTime: expiresAt }, { caller }) {
      requireScopes(scopes, platform.scopes);
      const tenant = await tenants.of(caller.operator);
      // In development new keys are `wf_test_`, otherwise `wf_live_`.
      const secret = makeSecret(mode === 'development' ? 'test' : 'live');
      const granted = scopes.length === 0 ? DEFAULT_SCOPES : scopes;
      const brandNo = brandId === '' ? null : (tenant.brandNo(brandId) ?? null);
      const wanted = { secret, name, scopes: granted, brandId: brandNo, expiresAt };
      const key = await createApiKey(orm.em.fork(), authorOf(caller), wanted, idempotencyKey, () => {
        if (expiresAt !== undefined && expiresAt.getTime() <= Date.now()) throw invalid('expire_time', 'has passed');
        if (brandId !== '') tenant.brand(caller, brandId);
      });
      return { key: apiKeyMessage(key, tenant), secret };
    },
    async listApiKeys(request, { caller: { operator } }) {
      const { items, nextPageToken } = await pageOf(request, {
        name: `keys/${operator}`,
        read: (before, limit) =>
          listApiKeys(orm.em.fork(), operator, positionNumber(before, Number.MAX_SAFE_INTEGER), limit),
        position: ({ keyId }) => keyId,
      });
      const tenant = await tenants.of(operator);
      return { keys: items.map((key) => apiKeyMessage(key, tenant)), nextPageToken };
    },
    async revokeApiKey({ keyId }, { caller }) {
      const key = await revokeApiKey(orm.em.fork(), authorOf(caller), Number(keyId));
      authenticator.keysChanged();
      return { key: apiKeyMessage(key, await tenants.of(caller.operator)) };
    },
  };
}

/** Throws INVALID_ARGUMENT for a scope that the contract does not have. */
function requireScopes(wanted: readonly string[], known: readonly string[]): void {
  wanted.forEach((scope, i) => {
    if (!known.includes(scope)) throw invalid(`scopes[${i}]`, `must be one of ${known.join(', ')}`);
  });
}
