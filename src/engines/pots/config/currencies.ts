import type { EntityManager } from '@mikro-orm/postgresql';
import { recordFact, sealRow } from '../../../journal/index.ts';
import type { Actor } from '../../../tenants/index.ts';
import { PotsCurrency, sealed } from './entities.ts';
import { currenciesSet } from './facts.ts';

/** What a unit of the base currency is worth, in 10⁻⁹, by currency. */
export interface Multipliers {
  readonly base: string;
  readonly multipliers: ReadonlyMap<string, bigint>;
}

/** Replaces the multipliers of a brand. @param brandId 0: the operator's own. */
export async function setCurrencies(
  em: EntityManager,
  author: Actor,
  brandId: number,
  { base, multipliers }: Multipliers,
): Promise<void> {
  const { operator: operatorId } = author;
  const sorted = [...multipliers].sort(([a], [b]) => (a < b ? -1 : 1));
  const digits = Object.fromEntries(sorted.map(([currency, multiplier]) => [currency, String(multiplier)]));
  const before = await em.findOne(PotsCurrency, { operatorId, brandId });
  if (before?.base === base && sameEntries(before.multipliers, digits)) return;
  await em.upsert(PotsCurrency, { operatorId, brandId, base, multipliers: digits });
  await sealRow(em, sealed.currency, operatorId, brandId);
  const data = {
    base,
    brand: BigInt(brandId),
    multipliers: sorted.map(([currency, multiplier]) => ({ currency, multiplier })),
  };
  await recordFact(em, { ...author, kind: currenciesSet, id: brandId, data, keys: [] });
}

function sameEntries(a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): boolean {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name]);
}
