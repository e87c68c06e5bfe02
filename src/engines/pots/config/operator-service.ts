import type { EntityManager } from '@mikro-orm/postgresql';
import {
  OperatorServiceService,
  type Operator as OperatorMessage,
} from '../../../../gen/ts/windfall/pots/v1/operator.ts';
import { recordFact } from '../../../journal/index.ts';
import { ApiError, invalid, type Caller } from '../../../kernel/index.ts';
import { read, type OperationOf, type Platform } from '../../../platform/index.ts';
import { addBrand, Brand, isBrandName, Operator, type Actor } from '../../../tenants/index.ts';
import { configure } from './configure.ts';
import { operatorChanged } from './facts.ts';

const service = OperatorServiceService;

/** Lists the caller's operator. */
const listOperators = read(service.listOperators, (platform) => async ({ ownerId, name, page }, { caller }) => {
  const operator = await operatorOf(platform, caller);
  const fits =
    (ownerId === '' || ownerId === operator.id) &&
    operator.name.toLowerCase().includes(name.toLowerCase()) &&
    page === 0;
  return { operators: fits ? [operator] : [] };
});

/** Returns the caller's operator. */
const getOperator = read(service.getOperator, (platform) => async ({ operatorId }, { caller }) => {
  await requireOwn(platform, caller, operatorId);
  return { found: await operatorOf(platform, caller) };
});

/** Names the operator and brands, and adds brands. */
const saveOperators: OperationOf<typeof service.saveOperators> =
  (platform) =>
  async ({ items }, { caller }) => {
    const own = (await platform.tenants.of(caller.operator)).name;
    return changed(platform, caller, async (em, author) => {
      const done = { success: [] as string[], failed: [] as string[] };
      for (const { id, name } of items) {
        const [operator, brand] = id.split(':');
        const known = operator === own && (brand === undefined || isBrandName(brand));
        if (known && brand === undefined) await change(em, author, await ownRow(em, author), { name });
        if (known && brand !== undefined) await saveBrand(em, author, brand, name);
        (known ? done.success : done.failed).push(id);
      }
      return done;
    });
  };

/** Adds brands, and names those that exist. */
const addBrands: OperationOf<typeof service.addBrands> =
  (platform) =>
  async ({ operatorId, items }, { caller }) => {
    await requireOwn(platform, caller, operatorId);
    return changed(platform, caller, async (em, author) => {
      const done = { success: [] as string[], failed: [] as string[] };
      for (const { id, name } of items) {
        if (isBrandName(id)) await saveBrand(em, author, id, name);
        (isBrandName(id) ? done.success : done.failed).push(id);
      }
      return done;
    });
  };

/** Changes the operator or a brand. */
const updateOperator: OperationOf<typeof service.updateOperator> =
  (platform) =>
  async ({ operatorId, brandId, name, enabled }, { caller }) => {
    if (brandId === '' && enabled === false) throw invalid('enabled', 'must not be false for an operator');
    await requireOwn(platform, caller, operatorId);
    await changed(platform, caller, async (em, author) => {
      const row = brandId === '' ? await ownRow(em, author) : await brandRow(em, author, brandId);
      if (row === null) throw new ApiError('BRAND_NOT_FOUND', 'no such brand', { details: { brand_id: brandId } });
      await change(em, author, row, { name, enabled });
    });
    return { nothing: undefined };
  };

/** The operations of OperatorService. */
export const operatorOperations = { listOperators, saveOperators, getOperator, addBrands, updateOperator };

/** Throws OPERATOR_NOT_FOUND. */
async function requireOwn({ tenants }: Platform, { operator }: Caller, id: string): Promise<void> {
  if ((await tenants.of(operator)).name === id) return;
  throw new ApiError('OPERATOR_NOT_FOUND', 'no such operator', { details: { owner_id: id } });
}

/** Runs a change of the operator, which this server sees at once. */
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

const ownRow = (em: EntityManager, { operator: operatorId }: Actor): Promise<Operator> =>
  em.findOneOrFail(Operator, { operatorId });
const brandRow = (em: EntityManager, { operator: operatorId }: Actor, name: string): Promise<Brand | null> =>
  em.findOne(Brand, { operatorId, name });

async function saveBrand(em: EntityManager, author: Actor, id: string, name: string): Promise<void> {
  const known = await brandRow(em, author, id);
  if (known !== null) return change(em, author, known, { name });
  await record(em, author, await addBrand(em, author.operator, id, name));
}

/** What is not given stays. */
interface Change {
  readonly name?: string | undefined;
  readonly enabled?: boolean | undefined;
}

async function change(em: EntityManager, author: Actor, row: Operator | Brand, wanted: Change): Promise<void> {
  const before = JSON.stringify(row);
  if (wanted.name !== undefined) row.displayName = wanted.name;
  if (row instanceof Brand && wanted.enabled !== undefined) row.enabled = wanted.enabled;
  if (JSON.stringify(row) === before) return;
  await em.flush();
  await record(em, author, row);
}

function record(em: EntityManager, author: Actor, row: Operator | Brand): Promise<unknown> {
  const [id, enabled] = row instanceof Brand ? [row.brandId, row.enabled] : [0, true];
  const data = { brand: BigInt(id), code: row.name, name: row.displayName, enabled };
  return recordFact(em, { ...author, kind: operatorChanged, id, data, keys: [] });
}

/** The message of the caller's operator, with the brands that the caller sees. */
async function operatorOf({ reads }: Platform, { operator: operatorId, brand }: Caller): Promise<OperatorMessage> {
  const [row, brands] = await reads(
    async (em) =>
      [
        await em.findOneOrFail(Operator, { operatorId }),
        await em.find(
          Brand,
          { operatorId, ...(brand !== null && { brandId: brand }) },
          { orderBy: { brandId: 'asc' } },
        ),
      ] as const,
  );
  return {
    ...named(row, row.name),
    enabled: true,
    brands: brands.map((one) => ({ ...named(one, `${row.name}:${one.name}`), enabled: one.enabled })),
  };
}

const named = ({ name: id, displayName, createdAt }: Operator | Brand, path: string) => ({
  id,
  path,
  name: displayName || id,
  createdTimestamp: createdAt.getTime(),
});
