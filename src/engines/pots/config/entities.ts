import { defineEntity, p } from '@mikro-orm/core';
import { sealedTable } from '../../../journal/index.ts';

/** What a unit of the base currency is worth in each currency. */
export const PotsCurrencySchema = defineEntity({
  name: 'PotsCurrency',
  tableName: 'pots_currency',
  properties: {
    operatorId: p.bigint('number').primary(),
    /** The number of the brand; 0: the operator's own, for brands without. */
    brandId: p.integer().primary(),
    base: p.text().collation('C'),
    /** In 10⁻⁹, as decimal digits, by currency. */
    multipliers: p.json<Readonly<Record<string, string>>>(),
  },
});

/** Kinds of routes; the numbers are stored. */
export const routeKind = { source: 1, segment: 2 } as const;
export type RouteKind = keyof typeof routeKind;

/** An instance that a route leads to. */
export interface Assigned {
  readonly instance: string;
  /** The smallest comes first. */
  readonly priority: number;
}

/** A source or a segment: what leads contributions to instances. */
export const PotsRouteSchema = defineEntity({
  name: 'PotsRoute',
  tableName: 'pots_route',
  properties: {
    operatorId: p.bigint('number').primary(),
    routeId: p.bigint('number').primary().autoincrement(),
    /** See `routeKind`. */
    kind: p.smallint(),
    code: p.text().collation('C'),
    /** The number of the owning brand; 0: the operator's own. */
    brandId: p.integer(),
    name: p.text().nullable(),
    /** Of a segment, among those of a player: the smallest comes first. */
    priority: p.integer().default(0),
    /** In the order of their priorities. */
    jackpots: p.json<readonly Assigned[]>(),
  },
  uniques: [{ name: 'pots_route_code', properties: ['operatorId', 'kind', 'code', 'brandId'] }],
});

/** Whoever writes a row seals it. */
export const sealed = {
  currency: sealedTable(PotsCurrencySchema),
  route: sealedTable(PotsRouteSchema),
};

export class PotsCurrency extends PotsCurrencySchema.class {}
PotsCurrencySchema.setClass(PotsCurrency);
export class PotsRoute extends PotsRouteSchema.class {}
PotsRouteSchema.setClass(PotsRoute);

export const configSealed = Object.values(sealed);
export const configEntities = [PotsCurrencySchema, PotsRouteSchema];
