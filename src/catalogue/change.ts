import { DefinitionChanged, type DefinitionContent } from '../../gen/ts/windfall/facts/v1/facts.ts';
import { defineFact } from '../journal/index.ts';
import { definition, definitionCode, definitionShelf, definitionVersion, statusName } from './entities.ts';
import type { DefinitionKind, Shown } from './kind.ts';

/** The kinds of entries of a definition's changelog. The journal stores the numbers. */
export const change = {
  created: 1,
  updated: 2,
  scheduled: 3,
  effective: 4,
  activated: 5,
  paused: 6,
  archived: 7,
  unchanged: 8,
  awarded: 9,
  adjusted: 10,
  transferred: 11,
  opt_ins_transferred: 12,
  released: 13,
  rejected: 14,
} as const;
/** What is done with a definition and changes nothing of it. */
export type NoteName = 'awarded' | 'adjusted' | 'transferred' | 'opt_ins_transferred' | 'released' | 'rejected';
export type ChangeName = keyof typeof change;
const CHANGES = new Map<number, ChangeName>(
  Object.entries(change).map(([name, number]) => [number, name as ChangeName]),
);
export const changeName = (number: number): ChangeName => CHANGES.get(number)!;

/**
 * A definition was created, changed, or changed its status. The fact has the new state of the head and of the version.
 */
export const definitionChanged = defineFact<DefinitionChanged>({
  name: 'catalogue.definition-changed',
  number: 501,
  version: 1,
  aggregate: definition,
  codec: DefinitionChanged,
  evolve(data, rows, at) {
    if (data.change === change.unchanged) return;
    const head = rows.edit(definition, at.aggregate);
    head.code = definitionCode(data.engine, data.code);
    head.status = data.status;
    head.version = Number(data.version);
    head.versionId = Number(data.versionId);
    head.latest = Number(data.latest);
    head.scheduled = Number(data.scheduled);
    head.scheduledId = Number(data.scheduledId);
    head.scheduledAt = Number(data.scheduledAt);
    head.openedAt = Number(data.openedAt);
    head.createdAt = Number(data.createdAt);
    head.updatedAt = Number(data.updatedAt);
    const content = data.content!;
    const version = rows.edit(definitionVersion, Number(content.versionId));
    version.definitionId = at.aggregate;
    version.version = Number(content.version);
    version.format = content.format;
    version.content = content.definition;
    version.configHash = content.configHash;
    version.publishedAt = Number(content.publishedAt);
    version.effectiveAt = Number(content.effectiveAt);
    if (data.shelf > 0n) rows.edit(definitionShelf, Number(data.shelf)).changes += 1;
  },
});

/** A version with its metadata, as facts store it. */
export type Version = Pick<
  DefinitionContent,
  'version' | 'versionId' | 'format' | 'definition' | 'configHash' | 'publishedAt' | 'effectiveAt'
>;

/** The definition as it is shown after a change, computed only from the fact. */
export function shownAfter<Content>(
  kind: DefinitionKind<Content>,
  id: number,
  data: DefinitionChanged,
): Shown<Content> {
  const content = data.content!;
  return {
    definitionId: id,
    code: data.code,
    status: statusName(data.status),
    content: kind.read(content.format, content.definition),
    version: Number(content.version),
    versionId: Number(content.versionId),
    configHash: Buffer.from(content.configHash).toString('hex'),
    publishedAt: Number(content.publishedAt),
    effectiveAt: Number(content.effectiveAt),
    // A change is about the newest version.
    supersededAt: 0,
    inForce: Number(data.version),
    latest: Number(data.latest),
    scheduled: Number(data.scheduled),
    scheduledAt: Number(data.scheduledAt),
    createdAt: Number(data.createdAt),
    updatedAt: Number(data.updatedAt),
  };
}
