import { defineEntity, type InferEntity } from '@mikro-orm/core';
import { column, stateKey, uniqueCode } from '../db/index.ts';
import { stateTable, type RowOf } from '../journal/index.ts';

/** Statuses of a definition; the numbers are stored. */
export const status = { draft: 1, active: 2, paused: 3, archived: 4 } as const;
export type Status = keyof typeof status;
export const statusNumber = (name: Status): number => status[name];
const STATUSES = new Map<number, Status>(Object.entries(status).map(([name, number]) => [number, name as Status]));
export const statusName = (number: number): Status => STATUSES.get(number)!;

/** The head of a definition of any engine: its status, and which version is in force. */
export const DefinitionSchema = defineEntity({
  name: 'Definition',
  tableName: 'definition',
  properties: {
    ...stateKey,
    /** `<engine>/<the operator's id>`: see `definitionCode`. */
    code: column.code(),
    status: column.integer(),
    /** The version in force; for a draft, the newest. */
    version: column.integer(),
    versionId: column.integer(),
    /** The newest version. */
    latest: column.integer(),
    /** A version that takes effect at `scheduledAt`; 0: none. */
    scheduled: column.integer(),
    scheduledId: column.integer(),
    scheduledAt: column.time(),
    /** When it first became active; the epoch: never. */
    openedAt: column.time(),
    createdAt: column.time(),
    updatedAt: column.time(),
    /** 1: it has a list of its own, and is not in the list of its engine's definitions. */
    apart: column.integer(),
  },
  uniques: uniqueCode('definition'),
  indexes: [
    { name: 'definition_listed', properties: ['operatorId', 'code'], where: "code <> '' and apart = 0" },
  ] as never,
});
export const definition = stateTable(DefinitionSchema, { number: 501, rank: 1 });
export type DefinitionRow = RowOf<InferEntity<typeof DefinitionSchema>>;

/** A version of a definition. Its content is never changed. */
export const DefinitionVersionSchema = defineEntity({
  name: 'DefinitionVersion',
  tableName: 'definition_version',
  properties: {
    ...stateKey,
    definitionId: column.integer(),
    version: column.integer(),
    /** The version of the engine's message; `content` is the message. */
    format: column.integer(),
    content: column.bytes(),
    configHash: column.bytes(),
    publishedAt: column.time(),
    /** The time from which it is or was in force; the epoch: it never was. */
    effectiveAt: column.time(),
  },
  indexes: [{ name: 'definition_version_number', properties: ['operatorId', 'definitionId', 'version'] }],
});
export const definitionVersion = stateTable(DefinitionVersionSchema, { number: 502, rank: 2 });
export type VersionRow = RowOf<InferEntity<typeof DefinitionVersionSchema>>;

/** Counts the changes of an engine's definitions: whoever has all of them in memory sees that they are outdated. */
export const DefinitionShelfSchema = defineEntity({
  name: 'DefinitionShelf',
  tableName: 'definition_shelf',
  properties: { ...stateKey, changes: column.integer() },
});
export const definitionShelf = stateTable(DefinitionShelfSchema, { number: 503, rank: 1 });

/** The code by which a definition is found. Engines' names contain no slash, so codes are unique. */
export const definitionCode = (engine: string, id: string): string => `${engine}/${id}`;
/** The operator's id of a definition. */
export const idOfCode = (code: string): string => code.slice(code.indexOf('/') + 1);
