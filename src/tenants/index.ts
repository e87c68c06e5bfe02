export { Authenticator } from './authenticate.ts';
export { bootstrap, bootstrapDemo, type Installation } from './bootstrap.ts';
export { Directory } from './directory.ts';
export { Login } from './login.ts';
export { authService, type AuthHost } from './service.ts';
export type { Tenant } from './tenant.ts';
export { Tokens, type AdminIdentity, type Issued, type PlayerIdentity } from './tokens.ts';
