export { Authenticator } from './authenticate.ts';
export { bootstrap, bootstrapDemo, type Installation } from './bootstrap.ts';
export { Directory, type Tenant } from './directory.ts';
export { Login } from './login.ts';
export { createApiKey, listApiKeys, revokeApiKey, type Actor } from './api-keys.ts';
export { Admin, ApiKey, Asset, Brand, Operator, tenantEntities } from './entities.ts';
export { apiKeyCreated, apiKeyRevoked } from './facts.ts';
export { makeSecret } from './secret.ts';
export { Tokens, type AdminIdentity, type IssuedToken, type PlayerIdentity } from './tokens.ts';
