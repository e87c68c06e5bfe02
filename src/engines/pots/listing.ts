import { PotsListed } from '../../../gen/ts/windfall/facts/v1/pots.ts';
import { sql, type Kysely } from 'kysely';
import { definition, type Following } from '../../catalogue/index.ts';
import type { Reads } from '../../db/index.ts';
import { defineFact, type TaskOrder } from '../../journal/index.ts';
import type { OperatorNo } from '../../kernel/index.ts';
import { listed, potsListing } from './entities.ts';

/** A template or an instance has this name and owner. */
export const potsListed = defineFact<PotsListed>({
  name: 'pots.listed',
  number: 1601,
  version: 1,
  aggregate: potsListing,
  codec: PotsListed,
  evolve({ kind, name, brand, template, gameCode, jackpot }, rows, at) {
    rows.edit(definition, at.aggregate).apart = 1;
    const row = rows.edit(potsListing, at.aggregate);
    row.kind = kind;
    row.name = name;
    row.brandId = Number(brand);
    row.templateId = Number(template);
    row.gameCode = gameCode;
    row.jackpotId = Number(jackpot);
    row.isTold = jackpot === 0n ? 0 : 1;
  },
});

/**
 * Keeps the listing of a definition with its content.
 * @param ordersOf the tasks of a definition, by the number of its head.
 */
export function listing<Content>(
  of: (content: Content) => PotsListed,
  ordersOf: (content: Content, id: number) => readonly TaskOrder[] = () => [],
): Following<Content> {
  return {
    needs: (_, id, rows) => rows.lock(potsListing, id),
    facts: (content, id) => [{ kind: potsListed, id, data: of(content), transfers: [], tasks: ordersOf(content, id) }],
  };
}

/** What a list asks for. */
export interface ListFilter {
  readonly kind: keyof typeof listed;
  /** The number of the owning brand, 0: the operator's own; null: any. */
  readonly brandId: number | null;
  /** A part of the name, in any case; empty: any. */
  readonly name: string;
  /** The operator's ids; null: any. */
  readonly codes: readonly string[] | null;
  /** The numbers of statuses; null: any. */
  readonly statuses: readonly number[] | null;
  readonly sort: 'code' | 'name' | 'created_at' | 'status';
  readonly descending: boolean;
  readonly page: number;
  readonly limit: number;
}

/** The numbers of the heads of one page of templates or instances. @param engine of their definitions. */
export function findListed(reads: Reads, operator: OperatorNo, engine: string, filter: ListFilter): Promise<number[]> {
  const { kind, brandId, name, codes, statuses, sort, descending, page, limit } = filter;
  return reads(async (em) => {
    let query = (em.getKysely() as unknown as Kysely<any>)
      .selectFrom('pots_listing as l')
      .innerJoin('definition as d', (on) => on.onRef('d.operator_id', '=', 'l.operator_id').onRef('d.id', '=', 'l.id'))
      .select('l.id')
      .where('l.operator_id', '=', operator)
      .where('l.kind', '=', listed[kind]);
    if (brandId !== null) query = query.where('l.brand_id', '=', brandId);
    if (name !== '') query = query.where(sql<boolean>`strpos(lower(l.name), lower(${name})) > 0`);
    if (codes !== null)
      query = query.where('d.code', 'in', codes.length === 0 ? [''] : codes.map((id) => `${engine}/${id}`));
    if (statuses !== null) query = query.where('d.status', 'in', [...statuses]);
    const rows = await query
      .orderBy(sql.ref(sort === 'name' ? 'l.name' : `d.${sort}`), descending ? 'desc' : 'asc')
      .orderBy('l.id', descending ? 'desc' : 'asc')
      .limit(limit)
      .offset(page * limit)
      .execute();
    return rows.map(({ id }) => Number(id));
  });
}

/** Those of the operator's ids that exist. @param engine of their definitions. */
export function findListedCodes(
  reads: Reads,
  operator: OperatorNo,
  engine: string,
  kind: keyof typeof listed,
  ids: readonly string[],
): Promise<ReadonlySet<string>> {
  if (ids.length === 0) return Promise.resolve(new Set());
  return reads(async (em) => {
    const rows = await (em.getKysely() as unknown as Kysely<any>)
      .selectFrom('definition as d')
      .innerJoin('pots_listing as l', (on) =>
        on.onRef('l.operator_id', '=', 'd.operator_id').onRef('l.id', '=', 'd.id'),
      )
      .select('d.code')
      .where('d.operator_id', '=', operator)
      .where('l.kind', '=', listed[kind])
      .where(
        'd.code',
        'in',
        ids.map((id) => `${engine}/${id}`),
      )
      .execute();
    return new Set(rows.map(({ code }) => String(code).slice(engine.length + 1)));
  });
}

/** How many instances were made from each of these templates, by the numbers of their heads. */
export function countInstances(
  reads: Reads,
  operator: OperatorNo,
  templates: readonly number[],
): Promise<ReadonlyMap<number, number>> {
  if (templates.length === 0) return Promise.resolve(new Map());
  return reads(async (em) => {
    const rows = await (em.getKysely() as unknown as Kysely<any>)
      .selectFrom('pots_listing as l')
      .select(['l.template_id', ({ fn }) => fn.countAll().as('instances')])
      .where('l.operator_id', '=', operator)
      .where('l.template_id', 'in', [...templates])
      .groupBy('l.template_id')
      .execute();
    return new Map(rows.map(({ template_id: id, instances }) => [Number(id), Number(instances)]));
  });
}
