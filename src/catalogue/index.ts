export { changeDefinition, TAKE_EFFECT, type ChangeAnswer, type ChangeRequest } from './change-definition.ts';
export { changeName, definitionChanged, type Version } from './change.ts';
export {
  Definitions,
  isActive,
  lookAt,
  lookAtShelf,
  requireActive,
  requireOneOf,
  requireShelf,
  type Shelf,
} from './definitions.ts';
export {
  definition,
  definitionCode,
  DefinitionSchema,
  definitionShelf,
  DefinitionShelfSchema,
  definitionVersion,
  DefinitionVersionSchema,
  idOfCode,
  statusName,
  statusNumber,
  type Status,
  type VersionRow,
} from './entities.ts';
export {
  defineDefinition,
  type DefinitionKind,
  type Following,
  type Opened,
  type Opening,
  type Renewal,
  type RowName,
  type ViewOptions,
  type Shown,
  type ShownRows,
  type VersionName,
} from './kind.ts';
export { definitionNoted, noted, noteNeeds } from './note.ts';
export { notActive, type DesiredState } from './plan.ts';
export { readShownRows } from './shown-rows.ts';
export {
  findDefinitions,
  findHead,
  findScheduled,
  isPublished,
  listDefinitions,
  notFound,
  noVersion,
  requireDefinition,
  shownOf,
  type Stored,
} from './queries.ts';
export { derived, Versions, type FixedVersion } from './versions.ts';
