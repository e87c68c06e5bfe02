import { LOGIN } from './scene.ts';
import type { Entry } from './tenancy-things.ts';

/** The RPCs of admins and API keys. */
export const AUTH_ENTRIES: Readonly<Record<string, Entry>> = {
  'AuthService.LoginAdmin': { names: [], request: () => LOGIN, open: true },
  'AuthService.GetMe': { names: [], request: () => ({}) },
  'AuthService.CreateApiKey': {
    names: ['brand'],
    request: (scene) => ({ name: scene.unique('new'), brand_id: scene.brand, idempotency_key: scene.unique('made') }),
  },
  'AuthService.ListApiKeys': { names: [], request: async (scene) => (await scene.key(), { page_size: 500 }) },
  'AuthService.RevokeApiKey': { names: ['key'], request: async (scene) => ({ key_id: await scene.key() }) },
  'AdminService.ListAdmins': { names: [], request: async (scene) => (await scene.admin(), { page_size: 500 }) },
  'AdminService.CreateAdmin': {
    names: [],
    request: (scene) => ({ username: scene.unique('admin'), password: 'correct horse' }),
    open: true,
  },
  'AdminService.ChangePassword': {
    names: [],
    request: () => ({ old_password: 'wrong', new_password: 'correct horse' }),
    refusal: 'UNAUTHENTICATED',
  },
  'AdminService.RevokeAdminTokens': { names: ['admin'], request: async (scene) => ({ admin_id: await scene.admin() }) },
  'AdminService.RemoveAdmin': { names: ['admin'], request: async (scene) => ({ admin_id: await scene.admin() }) },
};
