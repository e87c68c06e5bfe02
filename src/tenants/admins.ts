import { sql, UniqueConstraintViolationException } from '@mikro-orm/core';
import type { EntityManager } from '@mikro-orm/postgresql';
import { AdminChanged_Change as Change } from '../../gen/ts/windfall/facts/v1/facts.ts';
import { nextId } from '../db/index.ts';
import { recordFact, sealRow } from '../journal/index.ts';
import { ApiError, invalid, type OperatorNo } from '../kernel/index.ts';
import type { Actor } from './api-keys.ts';
import { DEMO } from './demo.ts';
import { Admin, sealed } from './entities.ts';
import { adminChanged } from './facts.ts';
import { lockOperator } from './lock.ts';
import { ROOT_NAME } from './login.ts';
import { hashPassword } from './passwords.ts';

/** An admin who changes something, by name as the journal has it, and by number; with the generation of the token. */
export interface AdminActor extends Actor {
  readonly adminId: number;
  readonly generation: number | undefined;
}

/** Creates an admin. Throws RATE_LIMITED, INVALID_ARGUMENT, ALREADY_EXISTS. */
export async function createAdmin(
  em: EntityManager,
  actor: AdminActor,
  userName: string,
  password: string,
): Promise<Admin> {
  if (userName === ROOT_NAME || userName === DEMO.admin.userName) throw invalid('username', `must not be ${userName}`);
  const taken = (): ApiError =>
    new ApiError('ALREADY_EXISTS', 'the user name is taken', { details: { field: 'username', id: userName } });
  if ((await em.count(Admin, { userName })) > 0) throw taken();
  const passwordHash = await hashPassword(password);
  try {
    return await change(em, actor, async (transaction) => {
      const { operator: operatorId } = actor;
      const adminId = await nextId(transaction, 'admin', 'admin_id');
      transaction.create(Admin, { operatorId, adminId, userName, passwordHash });
      await transaction.flush();
      await record(transaction, actor, adminId, Change.CREATED);
      return transaction.findOneOrFail(Admin, { operatorId, adminId }, { refresh: true });
    });
  } catch (error) {
    // Another one was faster.
    throw error instanceof UniqueConstraintViolationException ? taken() : error;
  }
}

/** Sets the actor's own password, and revokes all tokens. */
export async function changePassword(em: EntityManager, actor: AdminActor, password: string): Promise<Admin> {
  const passwordHash = await hashPassword(password);
  return change(em, actor, (transaction) =>
    update(transaction, actor, actor.adminId, Change.PASSWORD, { passwordHash }),
  );
}

/** Revokes all tokens of an admin. Throws ADMIN_NOT_FOUND. */
export const revokeTokens = (em: EntityManager, actor: AdminActor, adminId: number): Promise<Admin> =>
  change(em, actor, (transaction) => update(transaction, actor, adminId, Change.TOKENS, {}));

/** Removes an admin; does nothing if it is removed. Throws INVALID_ARGUMENT (the actor), ADMIN_NOT_FOUND. */
export async function removeAdmin(em: EntityManager, actor: AdminActor, adminId: number): Promise<Admin> {
  if (adminId === actor.adminId) throw invalid('admin_id', 'must not be your own');
  return change(em, actor, async (transaction) => {
    const known = await transaction.findOne(Admin, { operatorId: actor.operator, adminId });
    if (known !== null && known.removedAt !== null) return known;
    return update(transaction, actor, adminId, Change.REMOVED, { removedAt: sql.now() });
  });
}

/** Up to `limit` admins of an operator whose numbers are below `before`, newest first. */
export const listAdmins = (
  em: EntityManager,
  operatorId: OperatorNo,
  before: number,
  limit: number,
): Promise<Admin[]> =>
  em.find(Admin, { operatorId, adminId: { $lt: before } }, { orderBy: { adminId: 'desc' }, limit });

/**
 * Runs a change when no other one of the operator's admins runs. Throws UNAUTHENTICATED if the actor was removed
 * meanwhile, or the token was revoked: two who remove each other would leave nobody, and of two who change a password
 * the one who knew it first could be a thief.
 */
function change<T>(em: EntityManager, actor: AdminActor, make: (em: EntityManager) => Promise<T>): Promise<T> {
  return em.transactional(async (transaction) => {
    await lockOperator(transaction, actor.operator);
    const { operator: operatorId, adminId } = actor;
    const admin = await transaction.findOne(Admin, { operatorId, adminId });
    // Removal is another generation, too.
    if (admin === null || admin.tokenGeneration !== actor.generation)
      throw new ApiError('UNAUTHENTICATED', 'you were removed, or the token was revoked');
    return make(transaction);
  });
}

async function update(
  em: EntityManager,
  actor: AdminActor,
  adminId: number,
  what: Change,
  set: { readonly passwordHash?: string; readonly removedAt?: ReturnType<typeof sql.now> },
): Promise<Admin> {
  const which = { operatorId: actor.operator, adminId };
  const tokenGeneration = sql`token_generation + 1`;
  const changed = await em.nativeUpdate(Admin, { ...which, removedAt: null }, { ...set, tokenGeneration });
  if (changed === 0) throw new ApiError('ADMIN_NOT_FOUND', 'no such admin', { details: { admin_id: String(adminId) } });
  await record(em, actor, adminId, what);
  return em.findOneOrFail(Admin, which, { refresh: true });
}

/** Seals an admin that was written, and records what was done. */
async function record(
  em: EntityManager,
  { operator, caller }: AdminActor,
  adminId: number,
  what: Change,
): Promise<void> {
  await sealRow(em, sealed.admin, operator, adminId);
  await recordFact(em, {
    operator,
    caller,
    kind: adminChanged,
    id: adminId,
    data: { adminId: BigInt(adminId), change: what },
    keys: [],
  });
}
