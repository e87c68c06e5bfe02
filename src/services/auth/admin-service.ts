import type { AdminAccount, AdminServiceService } from '../../../gen/ts/windfall/auth/v1/admins.ts';
import { pageOf, positionNumber, type Caller } from '../../kernel/index.ts';
import type { Platform } from '../../platform/index.ts';
import type { Implementation } from '../../rpc/index.ts';
import {
  changePassword,
  createAdmin,
  listAdmins,
  removeAdmin,
  revokeTokens,
  type Admin,
  type AdminActor,
} from '../../tenants/index.ts';

const actorOf = ({ operator, name, generation }: Caller): AdminActor => ({
  operator,
  generation,
  caller: name,
  adminId: Number(name.slice('admin:'.length)),
});

const accountOf = ({ adminId, userName, createdAt, removedAt }: Admin): AdminAccount => ({
  adminId: BigInt(adminId),
  username: userName,
  createTime: createdAt,
  removeTime: removedAt ?? undefined,
});

/** AdminService. */
export function adminService({
  orm,
  reads,
  authenticator,
  login,
  tokens,
}: Platform): Implementation<typeof AdminServiceService> {
  return {
    async listAdmins(request, { caller: { operator } }) {
      const { items, nextPageToken } = await pageOf(request, {
        name: `admins/${operator}`,
        read: (before, limit) =>
          reads((em) => listAdmins(em, operator, positionNumber(before, Number.MAX_SAFE_INTEGER), limit)),
        position: ({ adminId }) => adminId,
      });
      return { admins: items.map(accountOf), nextPageToken };
    },
    async createAdmin({ username, password }, { caller }) {
      return { admin: accountOf(await createAdmin(orm.em.fork(), actorOf(caller), username, password)) };
    },
    async changePassword({ oldPassword, newPassword }, { caller, address }) {
      const actor = actorOf(caller);
      await login.admin(await login.nameOf(actor.adminId), oldPassword, address);
      const {
        adminId,
        userName,
        tokenGeneration: generation,
      } = await changePassword(orm.em.fork(), actor, newPassword);
      authenticator.adminsChanged();
      const { token, expiresAt } = await tokens.issueAdmin({
        operator: caller.operator,
        adminId,
        userName,
        generation,
      });
      return { token, expireTime: expiresAt };
    },
    async revokeAdminTokens({ adminId }, { caller }) {
      const admin = await revokeTokens(orm.em.fork(), actorOf(caller), Number(adminId));
      authenticator.adminsChanged();
      return { admin: accountOf(admin) };
    },
    async removeAdmin({ adminId }, { caller }) {
      const admin = await removeAdmin(orm.em.fork(), actorOf(caller), Number(adminId));
      authenticator.adminsChanged();
      return { admin: accountOf(admin) };
    },
  };
}
