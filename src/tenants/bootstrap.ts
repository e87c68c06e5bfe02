import type { EntityManager, MikroORM } from '@mikro-orm/postgresql';
import { nextId } from '../db/index.ts';
import { sealRow } from '../journal/index.ts';
import { invalid, ApiError, type OperatorNo } from '../kernel/index.ts';
import { insertApiKey } from './api-keys.ts';
import { addAssets, type NewAsset } from './assets.ts';
import { DEMO } from './demo.ts';
import { Admin, ApiKey, Brand, Operator, sealed } from './entities.ts';
import { ROOT_NAME } from './login.ts';
import { hashPassword } from './passwords.ts';
import { lockInstallation } from './lock.ts';
import { hashSecret } from './secret.ts';

interface NewBrand {
  readonly id: number;
  readonly name: string;
}

/** A key with a given secret. */
interface FixedKey {
  readonly secret: string;
  readonly scopes: readonly string[];
  readonly name: string;
}

/** What an operator needs before its first admin can log in. */
export interface Installation {
  readonly operator: string;
  /** Unset: none is made. */
  readonly brand?: NewBrand;
  readonly assets: readonly NewAsset[];
  readonly admin: { readonly userName: string; readonly password: string };
  readonly key?: FixedKey;
  /** Where webhooks may go; unset: what it was, at first nowhere. */
  readonly webhooks?: WebhookRules;
}

/** What only who runs the installation decides of webhooks; and hosts that are registered if there are none. */
interface WebhookRules {
  readonly hosts: readonly string[];
  readonly http: boolean;
  readonly privateNetworks: boolean;
}

/** Ten years. */
const EXPIRY_MAX = 315_360_000;
const NAME = /^[A-Za-z0-9._:@-]{1,64}$/;
/** Not a number, and without ":", which separates it from the operator's name. */
const BRAND = /^(?!\d+$)[A-Za-z0-9._@-]{1,64}$/;
const ASSET = /^[A-Z][A-Z0-9_]{0,15}$/;
const PASSWORD_MIN = 12;
const PASSWORD_MAX = 256;

/**
 * Creates the missing parts of an installation, in one transaction, and changes no existing ones. Returns
 * what it created. Throws INVALID_ARGUMENT, ALREADY_EXISTS (a brand or an admin of another operator).
 */
export function bootstrap(orm: MikroORM, installation: Installation): Promise<string[]> {
  check(installation);
  return make(orm, installation);
}

/** Creates the demo's operator with its well-known credentials, and its key with all scopes. Only for development. */
export function bootstrapDemo(orm: MikroORM, scopes: readonly string[]): Promise<string[]> {
  return make(orm, {
    operator: DEMO.operator,
    brand: { id: 1001, name: 'main' },
    assets: [
      { code: 'WINZ', kind: 'coin' },
      { code: 'USD', kind: 'currency' },
      { code: 'EUR', kind: 'currency' },
      { code: 'TOKEN', kind: 'ticket', expiresAfterSeconds: 30 * 86_400 },
    ],
    admin: DEMO.admin,
    key: { secret: DEMO.secret, scopes, name: 'demo' },
    webhooks: { hosts: ['localhost', '127.0.0.1', '::1'], http: true, privateNetworks: true },
  });
}

function check({ operator, brand, assets, admin: { userName, password }, key }: Installation): void {
  if (!NAME.test(operator)) throw invalid('operator', `must match ${NAME.source}`);
  if (brand !== undefined) checkBrand(brand);
  for (const { code, expiresAfterSeconds = 0 } of assets) {
    if (!ASSET.test(code)) throw invalid('assets', `hold ${code}, which does not match ${ASSET.source}`);
    if (!Number.isInteger(expiresAfterSeconds) || expiresAfterSeconds < 0 || expiresAfterSeconds > EXPIRY_MAX)
      throw invalid('assets', `hold ${code}, which expires after 1 second to ten years, or never`);
  }
  if (!NAME.test(userName)) throw invalid('user_name', `must match ${NAME.source}`);
  if (userName === DEMO.admin.userName) throw invalid('user_name', 'must not be the one of the demo');
  if (userName === ROOT_NAME) throw invalid('user_name', 'must not be the one of root');
  if (key?.secret === DEMO.secret) throw invalid('key', 'must not be the one of the demo');
  if (password.length < PASSWORD_MIN || password.length > PASSWORD_MAX) {
    throw invalid('password', `must have ${PASSWORD_MIN} to ${PASSWORD_MAX} characters`);
  }
}

function checkBrand({ id, name }: NewBrand): void {
  if (!Number.isInteger(id) || id < 1 || id >= 2 ** 31) throw invalid('brand_id', 'must be a whole number from 1');
  if (!BRAND.test(name)) throw invalid('brand_name', `must match ${BRAND.source}`);
}

function make(orm: MikroORM, { operator, brand, assets, admin, key, webhooks }: Installation): Promise<string[]> {
  return orm.em.fork().transactional(async (em) => {
    await lockInstallation(em);
    const made: string[] = [];
    const operatorId = await ensureOperator(em, operator, made);
    if (brand !== undefined) await ensureBrand(em, operatorId, brand, made);
    for (const { code, kind } of await addAssets(em, operatorId, assets)) made.push(`asset ${code} (${kind})`);
    await ensureAdmin(em, operatorId, admin, made);
    if (key !== undefined) await ensureKey(em, operatorId, key, made);
    if (webhooks !== undefined) await ensureWebhooks(em, operatorId, webhooks, made);
    return made;
  });
}

async function ensureOperator(em: EntityManager, name: string, made: string[]): Promise<OperatorNo> {
  const known = await em.findOne(Operator, { name });
  if (known !== null) return known.operatorId;
  const row = em.create(Operator, { name });
  await em.flush();
  await sealRow(em, sealed.operator, row.operatorId);
  made.push(`operator ${name}`);
  return row.operatorId;
}

async function ensureBrand(
  em: EntityManager,
  operatorId: OperatorNo,
  { id, name }: NewBrand,
  made: string[],
): Promise<void> {
  const known = await em.findOne(Brand, { brandId: id });
  if (known !== null) return assertOwn(known, operatorId, 'brand_id', String(id));
  if ((await em.count(Brand, { operatorId, name })) > 0) {
    throw new ApiError('ALREADY_EXISTS', `brand_name ${name} is another brand's`, {
      details: { field: 'brand_name', id: name },
    });
  }
  em.create(Brand, { operatorId, brandId: id, name });
  await em.flush();
  await sealRow(em, sealed.brand, operatorId, id);
  made.push(`brand ${id} ${name}`);
}

async function ensureAdmin(
  em: EntityManager,
  operatorId: OperatorNo,
  admin: Installation['admin'],
  made: string[],
): Promise<void> {
  const { userName, password } = admin;
  const known = await em.findOne(Admin, { userName });
  if (known !== null) return assertOwn(known, operatorId, 'user_name', userName);
  const adminId = await nextId(em, 'admin', 'admin_id');
  em.create(Admin, { operatorId, adminId, userName, passwordHash: await hashPassword(password) });
  await em.flush();
  await sealRow(em, sealed.admin, operatorId, adminId);
  made.push(`admin ${userName}`);
}

async function ensureKey(em: EntityManager, operatorId: OperatorNo, key: FixedKey, made: string[]): Promise<void> {
  const known = await em.findOne(ApiKey, { secretHash: hashSecret(key.secret) });
  if (known !== null) return assertOwn(known, operatorId, 'key', key.name);
  await insertApiKey(em, { operator: operatorId, caller: 'bootstrap' }, { ...key, brandId: null }, []);
  made.push(`key ${key.name}`);
}

async function ensureWebhooks(
  em: EntityManager,
  operatorId: OperatorNo,
  { hosts, http, privateNetworks }: WebhookRules,
  made: string[],
): Promise<void> {
  const row = await em.findOneOrFail(Operator, { operatorId });
  if (row.webhookHosts.length === 0) row.webhookHosts = [...hosts];
  if (row.webhookHttp !== http || row.webhookPrivate !== privateNetworks)
    made.push(
      `webhooks ${http ? 'by http' : 'by https only'}, private networks ${privateNetworks ? '' : 'not '}allowed`,
    );
  Object.assign(row, { webhookHttp: http, webhookPrivate: privateNetworks });
  await em.flush();
  await sealRow(em, sealed.operator, operatorId);
}

/** Brand numbers and user names are unique in the installation. */
function assertOwn(row: Brand | Admin | ApiKey, operatorId: OperatorNo, field: string, id: string): void {
  if (row.operatorId === operatorId) return;
  throw new ApiError('ALREADY_EXISTS', `${field} ${id} is another operator's`, { details: { field, id } });
}
