import type { EntityManager } from '@mikro-orm/postgresql';
import {
  OperatorServiceService,
  type ListOperatorsRequest,
  type Operator as OperatorMessage,
} from '../../../../gen/ts/windfall/pots/v1/operator.ts';
import { readText } from '../../../journal/index.ts';
import { ApiError, invalid, type Caller, type OperatorNo } from '../../../kernel/index.ts';
import { read, type OperationOf, type Platform } from '../../../platform/index.ts';
import { Brand, lockInstallation, lockOperatorNamed, Operator, type Actor } from '../../../tenants/index.ts';
import { configure } from './configure.ts';
import { potsDirectory } from './directory.ts';
import { addOperator, brandRow, change, operatorRow, saveAll, saveBrands, type Done } from './operator-changes.ts';

const service = OperatorServiceService;
const LIMIT = 50;

/** Lists the caller's operator; for root all. */
const listOperators = read(service.listOperators, (platform) => async (request, { caller }) => {
  const ids = await platform.reads((em) => findOperators(em, caller, request));
  return { operators: await operatorsOf(platform, caller, ids) };
});

/** Returns an operator. */
const getOperator = read(service.getOperator, (platform) => async ({ operatorId }, { caller }) => {
  const [found] = await operatorsOf(platform, caller, [await targetOf(platform, caller, operatorId)]);
  return { found };
});

/** Names operators and brands, and adds them. */
const saveOperators: OperationOf<typeof service.saveOperators> =
  (platform) =>
  async ({ items }, { caller }) => {
    if (caller.role === 'root') return saveAsRoot(platform, caller, items);
    const own = (await platform.tenants.of(caller.operator)).name;
    return changed(platform, caller, (em, author) =>
      saveAll(em, items, async (operator) => (operator === own ? author : undefined)),
    );
  };

/** Adds brands, and names those that exist. */
const addBrands: OperationOf<typeof service.addBrands> =
  (platform) =>
  async ({ operatorId, items }, { caller }) => {
    const operator = await targetOf(platform, caller, operatorId);
    return changed(platform, { ...caller, operator }, (em, author) => saveBrands(em, author, operatorId, items));
  };

/** Changes an operator or a brand. */
const updateOperator: OperationOf<typeof service.updateOperator> =
  (platform) =>
  async ({ operatorId, brandId, name, enabled }, { caller }) => {
    if (brandId === '' && enabled === false && caller.role !== 'root')
      throw invalid('enabled', 'must not be false for an operator, unless root says so');
    const operator = await targetOf(platform, caller, operatorId);
    await changed(platform, { ...caller, operator }, async (em, author) => {
      const row = brandId === '' ? await operatorRow(em, author) : await brandRow(em, author, brandId);
      if (row === null) throw new ApiError('BRAND_NOT_FOUND', 'no such brand', { details: { brand_id: brandId } });
      await change(em, author, row, { name, enabled });
    });
    return { nothing: undefined };
  };

/** The operations of OperatorService. */
export const operatorOperations = { listOperators, saveOperators, getOperator, addBrands, updateOperator };

/** The operator that a request names: root's any, otherwise the caller's own. Throws OPERATOR_NOT_FOUND. */
async function targetOf({ tenants }: Platform, { role, operator }: Caller, id: string): Promise<OperatorNo> {
  if (role === 'root') return tenants.numberOf(id);
  if ((await tenants.of(operator)).name === id) return operator;
  throw new ApiError('OPERATOR_NOT_FOUND', 'no such operator', { details: { owner_id: id } });
}

/** Runs a change of an operator, which this server sees at once. */
async function changed<T>(
  platform: Platform,
  caller: Caller,
  run: (em: EntityManager, author: Actor) => Promise<T>,
): Promise<T> {
  try {
    return await configure(platform, caller, run);
  } finally {
    platform.tenants.changed(caller.operator);
  }
}

/** Names operators and brands, and adds them: of any operator, in one transaction. */
async function saveAsRoot(
  platform: Platform,
  { name: caller }: Caller,
  items: Parameters<typeof saveAll>[1],
): Promise<Done> {
  const operators = new Map<string, OperatorNo>();
  try {
    return await platform.orm.em.fork().transactional(async (em) => {
      await lockInstallation(em);
      return saveAll(em, items, async (name, isBrand, displayName) => {
        // The row is locked, as for changes by its admins.
        const known = await lockOperatorNamed(em, name);
        if (known === undefined && isBrand) return undefined;
        const operator = known ?? (await addOperator(em, caller, name, displayName));
        operators.set(name, operator);
        return { operator, caller };
      });
    });
  } finally {
    // A transaction that seems to have failed may have been committed.
    for (const [name, operator] of operators) {
      platform.tenants.created(name);
      platform.tenants.changed(operator);
    }
    potsDirectory(platform).changed();
  }
}

/** The numbers of a page of the operators that the caller sees. */
async function findOperators(
  em: EntityManager,
  { role, operator }: Caller,
  { ownerId, name, sortField, sortDirection, page, limit }: ListOperatorsRequest,
): Promise<OperatorNo[]> {
  const shown = "coalesce(nullif(display_name, ''), name)";
  const by = { name: shown, created_timestamp: 'created_at' }[sortField] ?? 'name';
  const order = `${by} ${sortDirection < 0 ? 'desc' : 'asc'}, operator_id`;
  const text =
    'select operator_id from operator where ($1::int8 is null or operator_id = $1) ' +
    `and ($2 = '' or name = $2) and strpos(lower(${shown}), lower($3)) > 0 order by ${order} limit $4 offset $5`;
  const rows = limit || LIMIT;
  const values = [role === 'root' ? null : operator, ownerId, name, rows, page * rows];
  return (await readText<{ operator_id: string }>(em, text, values)).map((row) => Number(row.operator_id));
}

/** The messages of operators, in this order, with the brands that the caller sees. */
async function operatorsOf(
  { reads }: Platform,
  { brand }: Caller,
  ids: readonly OperatorNo[],
): Promise<OperatorMessage[]> {
  const ofThese = { operatorId: { $in: [...ids] } };
  const [rows, brands] = await reads(
    async (em) =>
      [
        await em.find(Operator, ofThese),
        await em.find(
          Brand,
          { ...ofThese, ...(brand !== null && { brandId: brand }) },
          { orderBy: { brandId: 'asc' } },
        ),
      ] as const,
  );
  return ids.map((id) => {
    const row = rows.find(({ operatorId }) => operatorId === id)!;
    const own = brands.filter(({ operatorId }) => operatorId === id);
    return { ...named(row, row.name), brands: own.map((one) => named(one, `${row.name}:${one.name}`)) };
  });
}

const named = ({ name: id, displayName, enabled, createdAt }: Operator | Brand, path: string) => ({
  id,
  path,
  enabled,
  name: displayName || id,
  createdTimestamp: createdAt.getTime(),
});
