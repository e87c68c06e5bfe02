import type { EntityManager } from '@mikro-orm/postgresql';
import { sealRow } from '../journal/index.ts';
import type { OperatorNo } from '../kernel/index.ts';
import { Brand, sealed } from './entities.ts';

/** Two writers that add brands at the same time would both take the next number. An arbitrary unique number. */
const LOCK = 7_263_548_103;
/** The first number where there is no brand yet. */
const FIRST = 1001;
/** Not a number, as requests may name a brand by its number. */
const NUMBER = /^\d+$/;

/** Whether a brand can have this name, which matches the contract's pattern. */
export const isBrandName = (name: string): boolean => !NUMBER.test(name);

/** Adds a brand with the next number. The caller has locked the operator. */
export async function addBrand(
  em: EntityManager,
  operatorId: OperatorNo,
  name: string,
  displayName: string,
): Promise<Brand> {
  await em.execute('select pg_advisory_xact_lock(?)', [LOCK]);
  const next = 'select greatest(coalesce(max(brand_id), 0) + 1, ?) as id from brand';
  const [row] = await em.execute<{ id: number }[]>(next, [FIRST]);
  const brand = em.create(Brand, { operatorId, brandId: Number(row!.id), name, displayName });
  await em.flush();
  await sealRow(em, sealed.brand, operatorId, brand.brandId);
  return brand;
}
