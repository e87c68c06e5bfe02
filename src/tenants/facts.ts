import { AdminChanged, ApiKeyCreated, ApiKeyRevoked } from '../../gen/ts/windfall/facts/v1/facts.ts';
import { defineFact } from '../journal/index.ts';

/** An API key was created. */
export const apiKeyCreated = defineFact<ApiKeyCreated>({
  name: 'api-key.created',
  number: 401,
  version: 1,
  aggregate: null,
  codec: ApiKeyCreated,
  evolve: () => undefined,
});

/** An API key was revoked. */
export const apiKeyRevoked = defineFact<ApiKeyRevoked>({
  name: 'api-key.revoked',
  number: 402,
  version: 1,
  aggregate: null,
  codec: ApiKeyRevoked,
  evolve: () => undefined,
});

/** An operator's admins or their credentials have changed. */
export const adminChanged = defineFact<AdminChanged>({
  name: 'admin.changed',
  number: 403,
  version: 1,
  aggregate: null,
  codec: AdminChanged,
  evolve: () => undefined,
});
