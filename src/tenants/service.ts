import type { MikroORM } from '@mikro-orm/postgresql';
import type { AuthServiceService } from '../../gen/windfall/auth/v1/auth.ts';
import { decodePageNumber, encodePageToken, type Caller } from '../kernel/index.ts';
import type { Implementation } from '../rpc/index.ts';
import { createApiKey, listApiKeys, revokeApiKey, type Author } from './api-keys.ts';
import type { Authenticator } from './authenticate.ts';
import type { Directory } from './directory.ts';
import type { Login } from './login.ts';
import { apiKeyMessage, meMessage } from './mapping.ts';
import { makeSecret } from './secret.ts';
import type { Tokens } from './tokens.ts';

export interface AuthHost {
  readonly orm: MikroORM;
  readonly directory: Directory;
  readonly tokens: Tokens;
  readonly authenticator: Authenticator;
  readonly login: Login;
  /** In development new keys are `wf_test_`, else `wf_live_`. */
  readonly mode: 'development' | 'production';
}

/** All but issuing money, paying jackpots out and erasing players. */
const DEFAULT_SCOPES = ['read', 'play', 'jackpot:contribute', 'players:write'];
const PAGE_SIZE = 50;

const authorOf = ({ operator, name }: Caller): Author => ({ operator, caller: name });

/** AuthService. */
export function authService(
  { orm, directory, tokens, authenticator, login, mode }: AuthHost,
): Implementation<typeof AuthServiceService> {
  return {
    async loginAdmin({ username, password }) {
      const { operator, adminId } = await login.admin(username, password);
      const { token, expiresAt } = await tokens.issueAdmin({ operator, adminId, userName: username });
      return { token, expireTime: expiresAt, operatorId: (await directory.of(operator)).name };
    },
    async getMe(_, { caller }) {
      return meMessage(caller, (await directory.of(caller.operator)).name);
    },
    async createApiKey({ name, scopes, brandId, idempotencyKey }, { caller }) {
      const tenant = await directory.of(caller.operator);
      const secret = makeSecret(mode === 'development' ? 'test' : 'live');
      const granted = scopes.length === 0 ? DEFAULT_SCOPES : scopes;
      const wanted = { secret, name, scopes: granted, brandId: brandId || null };
      const key = await createApiKey(orm.em.fork(), authorOf(caller), wanted, idempotencyKey, () => {
        if (brandId !== 0) tenant.brand(caller, brandId);
      });
      return { key: apiKeyMessage(key), secret };
    },
    async listApiKeys({ pageSize, pageToken }, { caller: { operator } }) {
      const size = pageSize || PAGE_SIZE;
      const filter = `keys/${operator}`;
      const before = pageToken === '' ? Number.MAX_SAFE_INTEGER : decodePageNumber(filter, pageToken);
      const found = await listApiKeys(orm.em.fork(), operator, before, size + 1);
      const page = found.slice(0, size);
      return {
        keys: page.map(apiKeyMessage),
        nextPageToken: found.length > size ? encodePageToken(filter, String(page.at(-1)!.keyId)) : '',
      };
    },
    async revokeApiKey({ keyId }, { caller }) {
      const key = await revokeApiKey(orm.em.fork(), authorOf(caller), Number(keyId));
      authenticator.keysChanged();
      return { key: apiKeyMessage(key) };
    },
  };
}
