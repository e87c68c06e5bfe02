import type { EntityManager } from '@mikro-orm/postgresql';
import { sealRow } from '../journal/index.ts';
import { invalid, type OperatorNo } from '../kernel/index.ts';
import { Asset, sealed } from './entities.ts';
import { lockOperator } from './lock.ts';

export interface NewAsset {
  readonly code: string;
  readonly kind: Asset['kind'];
  /** How long after its credit a unit expires; unset: never. An existing asset does not change. */
  readonly expiresAfterSeconds?: number;
}

const ASSETS_MAX = 512;
const CURRENCIES = new Set(Intl.supportedValuesOf('currency'));

/** Whether ISO 4217 has a code. */
export const isCurrency = (code: string): boolean => CURRENCIES.has(code);

/**
 * Adds the assets that an operator does not have yet, and returns them. Throws INVALID_ARGUMENT for too many.
 * @param field of the request that has them.
 */
export async function addAssets(
  em: EntityManager,
  operatorId: OperatorNo,
  wanted: readonly NewAsset[],
  field = 'assets',
): Promise<NewAsset[]> {
  // Two writers would both take the next number.
  await lockOperator(em, operatorId);
  const known = await em.find(Asset, { operatorId });
  const codes = new Set(known.map(({ code }) => code));
  const missing = wanted.filter(({ code }) => !codes.has(code) && codes.add(code));
  const next = Math.max(-1, ...known.map((asset) => asset.assetNo)) + 1;
  if (missing.length > 0 && next + missing.length > ASSETS_MAX)
    throw invalid(field, `would be one asset too many: an operator has at most ${ASSETS_MAX}`);
  for (const [i, { code, kind, expiresAfterSeconds = 0 }] of missing.entries())
    em.create(Asset, { operatorId, assetNo: next + i, code, kind, expiresAfterSeconds });
  await em.flush();
  for (const i of missing.keys()) await sealRow(em, sealed.asset, operatorId, next + i);
  return missing;
}

/** Adds those of some codes that are currencies of ISO 4217, and that an operator does not have yet: see addAssets. */
export const addCurrencies = (
  em: EntityManager,
  operator: OperatorNo,
  codes: readonly string[],
  field: string,
): Promise<NewAsset[]> =>
  addAssets(
    em,
    operator,
    codes.filter(isCurrency).map((code) => ({ code, kind: 'currency' })),
    field,
  );
