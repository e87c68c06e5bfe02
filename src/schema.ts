import type { Engine } from './engines/index.ts';
import type { Entity } from './db/index.ts';
import { Register, type SealedTable } from './journal/index.ts';
import { MasterKeySchema, sealedMasterKey } from './key-ring.ts';
import { groundEntities, groundParts, groundSealed } from './services/index.ts';

/** All entities of an installation with these engines: migrations are generated from them. */
export function entitiesOf(engines: readonly Engine[]): readonly Entity[] {
  return [MasterKeySchema, ...groundEntities, ...engines.flatMap(({ entities = [] }) => entities)];
}

/** The numbers of all tables and facts of an installation with these engines. */
export function registerOf(engines: readonly Engine[]): Register {
  return new Register([...groundParts, ...engines]);
}

/** All tables whose rows are sealed, because they follow from no facts. */
export function sealedOf(engines: readonly Engine[]): readonly SealedTable[] {
  return [sealedMasterKey, ...groundSealed, ...engines.flatMap(({ sealed = [] }) => sealed)];
}
