import type { EntityManager } from '@mikro-orm/postgresql';
import type { OperatorNo } from '../kernel/index.ts';
import type { Platform } from '../platform/index.ts';
import { ReadThrough } from '../tenants/index.ts';
import { PotsWallet } from './entities.ts';

/** A change on another server takes effect within this time, as the contract promises. */
const FRESH_MS = 1000;
/** Rows by their keys take 1 ms: a read that takes this long hangs on a broken connection. */
const QUICK_MS = 2000;
const OPERATORS_MAX = 10_000;

/** The versions of the operators' HTTP wallets; undefined: the built-in ledger. */
export type ChosenWallets = ReadThrough<OperatorNo, number>;

const all = new WeakMap<Platform, ChosenWallets>();

/** Which wallets the operators of a platform have chosen. Whoever changes one clears it. */
export function chosenWallets(platform: Platform): ChosenWallets {
  const known = all.get(platform);
  if (known !== undefined) return known;
  const made = new ReadThrough<OperatorNo, number>({
    foundMs: FRESH_MS,
    missingMs: FRESH_MS,
    sizeMax: OPERATORS_MAX,
    read: (operators) => platform.reads((em) => readChosen(em, operators), QUICK_MS),
  });
  all.set(platform, made);
  return made;
}

async function readChosen(em: EntityManager, operators: readonly OperatorNo[]): Promise<Map<OperatorNo, number>> {
  const rows = await em.find(PotsWallet, { operatorId: { $in: [...operators] }, version: { $gt: 0 } });
  return new Map(rows.map(({ operatorId, version }) => [operatorId, version]));
}
