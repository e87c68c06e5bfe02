import {
  GrantServiceService,
  type ConfirmGrantRequest,
  type Grant,
  type ListGrantsRequest,
} from '../../../gen/ts/windfall/grant/v1/grant.ts';
import { definition, idOfCode } from '../../catalogue/index.ts';
import { MicrosTime } from '../../db/index.ts';
import { readRows, readRowsById } from '../../journal/index.ts';
import { invalid, pageOf, ApiError, type Caller, type OperatorNo } from '../../kernel/index.ts';
import { batchOf, write, type Platform } from '../../platform/index.ts';
import {
  confirmGrant as confirming,
  grant,
  grantsOf,
  grantState,
  grantStateName,
  rewardKindName,
  type GrantRow,
  type GrantState,
} from '../../rewards/index.ts';
import type { Implementation } from '../../rpc/index.ts';

const TIMES = new MicrosTime();

/** Records that a grant was handed out, once. */
const confirmGrant = write({
  method: GrantServiceService.confirmGrant,
  command: () => confirming,
  async prepare({ grantId, reference }: ConfirmGrantRequest, { platform, caller }) {
    const id = await requireGrant(platform, caller, grantId);
    return { route: id, once: id, brand: 0, request: { id, reference } };
  },
  async respond({ id, reference, time, replayed }, { platform, caller: { operator } }) {
    const [row] = await platform.reads((em) => readRowsById(em, grant, operator, [id]));
    const confirmed = { ...row!, reference, state: grantState.confirmed, settledAt: time };
    return { grant: (await grantMessages(platform, operator, [confirmed]))[0], deduped: replayed };
  },
});
const batchConfirm = batchOf(GrantServiceService.batchConfirm, confirmGrant, 'confirmed');

/** GrantService. */
export function grantService(platform: Platform): Implementation<typeof GrantServiceService> {
  return {
    confirmGrant: confirmGrant(platform),
    batchConfirm: batchConfirm(platform),
    listGrants: (request, { caller }) => listGrants(platform, request, caller),
  };
}

/** The number of a grant that the caller may know of. Throws GRANT_NOT_FOUND. */
async function requireGrant({ reads }: Platform, { operator, brand }: Caller, grantId: string): Promise<number> {
  const id = Number(grantId);
  const [row] = Number.isSafeInteger(id) ? await reads((em) => readRowsById(em, grant, operator, [id])) : [];
  if (row === undefined || (brand !== null && brand !== row.brandId)) {
    throw new ApiError('GRANT_NOT_FOUND', 'no such grant', { details: { grant_id: grantId } });
  }
  return id;
}

/** Whose grants a list has: those of a player, of a brand, or of all brands. */
interface Whose {
  readonly player: number | null;
  readonly brand: number | null;
}

async function whose({ identify, tenants }: Platform, request: ListGrantsRequest, caller: Caller): Promise<Whose> {
  if (caller.role === 'player' || request.userId !== '') {
    const { player } = await identify.find(request, caller);
    return { player, brand: null };
  }
  if (request.brandId === '') return { player: null, brand: caller.brand };
  return { player: null, brand: (await tenants.of(caller.operator)).brand(caller, request.brandId) };
}

async function listGrants(platform: Platform, request: ListGrantsRequest, caller: Caller) {
  const { operator } = caller;
  const { player, brand } = await whose(platform, request, caller);
  const state = grantState[(request.state || 'due') as GrantState];
  const { items, nextPageToken } = await pageOf(request, {
    name: `grants/${player ?? ''}/${brand ?? ''}/${state}`,
    read: (after, limit) => {
      const [time, id] = positionOf(after);
      return platform.reads((em) =>
        readRows(em, grant, operator, (query) => {
          let narrowed = query
            .where('t.state', '=', state)
            .where(({ eb, refTuple, tuple }) =>
              eb(refTuple('t.created_at', 't.id'), '>', tuple(TIMES.convertToDatabaseValue(time) as never, id)),
            );
          if (brand !== null) narrowed = narrowed.where('t.brand_id', '=', brand);
          if (player !== null)
            narrowed = narrowed.where('t.id', '>=', grantsOf(player)[0]).where('t.id', '<=', grantsOf(player)[1]);
          return narrowed.orderBy('t.created_at').orderBy('t.id').limit(limit);
        }),
      );
    },
    position: ({ createdAt, id }) => `${createdAt}-${id}`,
  });
  return { grants: await grantMessages(platform, operator, items), nextPageToken };
}

/** A position in the order of time, then number. */
function positionOf(position: string): readonly [time: number, id: number] {
  if (position === '') return [0, 0];
  const [, time, id] = /^(\d{1,16})-(\d{1,16})$/.exec(position) ?? [];
  if (time === undefined || id === undefined) throw invalid('page_token', 'is not a token of this list');
  return [Number(time), Number(id)];
}

async function grantMessages(
  { players, reads, tenants }: Platform,
  operator: OperatorNo,
  rows: readonly GrantRow[],
): Promise<Grant[]> {
  const [owners, heads, tenant] = await Promise.all([
    players.byId(operator, [...new Set(rows.map(({ playerId }) => playerId))]),
    reads((em) => readRowsById(em, definition, operator, [...new Set(rows.map(({ definitionId }) => definitionId))])),
    tenants.of(operator),
  ]);
  const codes = new Map(heads.map(({ id, code }) => [id, code]));
  const date = (micros: number): Date | undefined => (micros === 0 ? undefined : new Date(micros / 1000));
  return rows.map((row) => {
    const code = codes.get(row.definitionId)!;
    return {
      grantId: String(row.id),
      userId: owners.get(row.playerId)!.userId,
      brandId: tenant.brandName(row.brandId),
      kind: rewardKindName(row.kind),
      item: row.item,
      quantity: row.quantity,
      state: grantStateName(row.state),
      operationId: row.operationId,
      engine: code.slice(0, code.indexOf('/')),
      definitionId: idOfCode(code),
      reference: row.reference || undefined,
      createTime: date(row.createdAt),
      expireTime: date(row.expiresAt),
      settleTime: date(row.settledAt),
    };
  });
}
