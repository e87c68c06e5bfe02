import type { EntityManager } from '@mikro-orm/postgresql';
import { recordFact, sealRow } from '../../../journal/index.ts';
import type { OperatorNo } from '../../../kernel/index.ts';
import { addBrand, Brand, isBrandName, Operator, sealedTenants, type Actor } from '../../../tenants/index.ts';
import { operatorChanged } from './facts.ts';

/** What is not given stays. */
export interface Change {
  readonly name?: string | undefined;
  readonly enabled?: boolean | undefined;
}

/** An operator or a brand, with its name for people. */
interface Named {
  readonly id: string;
  readonly name: string;
}

/** The ids of which all is as requested, and those of which nothing was done. */
export interface Done {
  readonly success: string[];
  readonly failed: string[];
}

export const operatorRow = (em: EntityManager, { operator: operatorId }: Actor): Promise<Operator> =>
  em.findOneOrFail(Operator, { operatorId });
export const brandRow = (em: EntityManager, { operator: operatorId }: Actor, name: string): Promise<Brand | null> =>
  em.findOne(Brand, { operatorId, name });

/** Names the operators and brands of paths. @param authorOf who changes an operator; undefined: it fails. */
export async function saveAll(
  em: EntityManager,
  items: readonly Named[],
  authorOf: (operator: string, isBrand: boolean, name: string) => Promise<Actor | undefined>,
): Promise<Done> {
  const done: Done = { success: [], failed: [] };
  for (const { id, name } of items) {
    const [operator, brand] = id.split(':');
    const fits = brand === undefined || isBrandName(brand);
    const author = fits ? await authorOf(operator!, brand !== undefined, name) : undefined;
    (author === undefined ? done.failed : done.success).push(id);
    if (author === undefined) continue;
    if (brand === undefined) await change(em, author, await operatorRow(em, author), { name });
    else await saveBrand(em, author, brand, name);
  }
  return done;
}

/** Adds brands, and names those that exist. @param operator the name of the author's, which paths begin with. */
export async function saveBrands(
  em: EntityManager,
  author: Actor,
  operator: string,
  items: readonly Named[],
): Promise<Done> {
  const done: Done = { success: [], failed: [] };
  for (const { id, name } of items) {
    const brand = id.startsWith(`${operator}:`) ? id.slice(operator.length + 1) : id;
    const fits = isBrandName(brand) && !brand.includes(':');
    if (fits) await saveBrand(em, author, brand, name);
    (fits ? done.success : done.failed).push(id);
  }
  return done;
}

async function saveBrand(em: EntityManager, author: Actor, id: string, name: string): Promise<void> {
  const known = await brandRow(em, author, id);
  if (known !== null) return change(em, author, known, { name });
  await record(em, author, await addBrand(em, author.operator, id, name));
}

/** Creates an operator without brands, assets or admins. The installation is locked. */
export async function addOperator(
  em: EntityManager,
  caller: string,
  name: string,
  displayName: string,
): Promise<OperatorNo> {
  const row = em.create(Operator, { name, displayName });
  await em.flush();
  await record(em, { operator: row.operatorId, caller }, row);
  return row.operatorId;
}

/** Changes an operator or a brand, and records how it is then, if that differs. */
export async function change(em: EntityManager, author: Actor, row: Operator | Brand, wanted: Change): Promise<void> {
  const before = JSON.stringify(row);
  if (wanted.name !== undefined) row.displayName = wanted.name;
  if (wanted.enabled !== undefined) row.enabled = wanted.enabled;
  if (JSON.stringify(row) === before) return;
  await em.flush();
  await record(em, author, row);
}

async function record(em: EntityManager, author: Actor, row: Operator | Brand): Promise<void> {
  const id = row instanceof Brand ? row.brandId : 0;
  if (row instanceof Brand) await sealRow(em, sealedTenants.brand, author.operator, id);
  else await sealRow(em, sealedTenants.operator, author.operator);
  const data = { brand: BigInt(id), code: row.name, name: row.displayName, enabled: row.enabled };
  await recordFact(em, { ...author, kind: operatorChanged, id, data, keys: [] });
}
