import type { EntityManager } from '@mikro-orm/postgresql';
import type { Caller } from '../../../kernel/index.ts';
import type { Platform } from '../../../platform/index.ts';
import { lockOperator, type Actor } from '../../../tenants/index.ts';
import { potsDirectory } from './directory.ts';

/**
 * Runs a change of what an operator has configured, in a transaction of its own: changes of one operator are made one
 * after another, so each sees what the earlier ones have left.
 */
export async function configure<T>(
  platform: Platform,
  { operator, name }: Caller,
  change: (em: EntityManager, author: Actor) => Promise<T>,
): Promise<T> {
  try {
    return await platform.orm.em.fork().transactional(async (em) => {
      await lockOperator(em, operator);
      return change(em, { operator, caller: name });
    });
  } finally {
    // A transaction that seems to have failed may have been committed.
    potsDirectory(platform).changed();
  }
}

/** A page of a list, as its request asks for it. */
export interface Page {
  readonly sortField: string;
  readonly sortDirection: number;
  readonly page: number;
  readonly limit: number;
}

const LIMIT = 50;

/** The options of a find. @param sort the properties to sort by, those that make the order unique last. */
export function pageOptions<Property extends string>(
  { sortDirection, page, limit }: Page,
  sort: readonly Property[],
): { readonly orderBy: Record<Property, 'asc' | 'desc'>[]; readonly limit: number; readonly offset: number } {
  const direction = sortDirection < 0 ? 'desc' : 'asc';
  const rows = limit || LIMIT;
  return {
    orderBy: sort.map((property) => ({ [property]: direction }) as Record<Property, 'asc' | 'desc'>),
    limit: rows,
    offset: page * rows,
  };
}
