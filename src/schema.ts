import type { Engine } from './engines/index.ts';
import type { Entity } from './db/index.ts';
import { Register } from './journal/index.ts';
import { groundEntities, groundParts } from './services/index.ts';

/** Every table of an installation with these engines: what migrations are made from. */
export function entitiesOf(engines: readonly Engine[]): readonly Entity[] {
  return [...groundEntities, ...engines.flatMap(({ entities = [] }) => entities)];
}

/** The numbers of all tables and facts of an installation with these engines. */
export function registerOf(engines: readonly Engine[]): Register {
  return new Register([...groundParts, ...engines]);
}
