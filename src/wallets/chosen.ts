import type { EntityManager } from '@mikro-orm/postgresql';
import { readText } from '../journal/index.ts';
import type { OperatorNo } from '../kernel/index.ts';
import type { Platform } from '../platform/index.ts';
import { ReadThrough } from '../tenants/index.ts';

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
  const text = 'select operator_id, version from pots_wallet where operator_id = any($1::int8[]) and version > 0';
  const rows = await readText<{ operator_id: string; version: number }>(em, text, [operators]);
  return new Map(rows.map(({ operator_id: operator, version }) => [Number(operator), version]));
}
