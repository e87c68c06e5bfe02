import type { EntityManager } from '@mikro-orm/postgresql';
import { sql, type SqlBool } from 'kysely';
import type { Reads } from '../db/index.ts';
import { findRow, readRows, readRowsById } from '../journal/index.ts';
import { ApiError, type OperatorNo } from '../kernel/index.ts';
import {
  definition,
  definitionCode,
  definitionVersion,
  idOfCode,
  status,
  statusName,
  type DefinitionRow,
  type Status,
  type VersionRow,
} from './entities.ts';
import type { DefinitionKind, Shown } from './kind.ts';

/** A definition with one of its versions. */
export interface Stored {
  readonly head: DefinitionRow;
  readonly version: VersionRow;
  /** When the next version came in force, in microseconds since 1970; unset: none has since. */
  readonly supersededAt?: number;
}

/** The …_NOT_FOUND error for a definition. */
export function notFound({ reasons, engine }: DefinitionKind, id: string): ApiError {
  return new ApiError(reasons.notFound, `no such ${engine}`, { details: { id } });
}

/** The VERSION_NOT_FOUND error. */
export const noVersion = (id: string, version: number): ApiError =>
  new ApiError('VERSION_NOT_FOUND', 'no such version', { details: { id, version: String(version) } });

/**
 * The definition with an id, and its version with a number (0: the one in force; for a draft, the newest). Throws
 * …_NOT_FOUND, VERSION_NOT_FOUND.
 */
export function requireDefinition(
  reads: Reads,
  kind: DefinitionKind,
  operator: OperatorNo,
  id: string,
  number = 0,
): Promise<Stored> {
  return reads(async (em) => {
    const head = await findRow(em, definition, operator, definitionCode(kind.engine, id));
    if (head === undefined) throw notFound(kind, id);
    // Versions never change, so reading one after its head returns a consistent definition.
    const [version] =
      number === 0 || number === head.version
        ? await readRowsById(em, definitionVersion, operator, [head.versionId])
        : await readRows(em, definitionVersion, operator, (query) =>
            query.where('t.definition_id', '=', head.id).where('t.version', '=', number),
          );
    if (version === undefined) throw noVersion(id, number);
    const superseded = version.effectiveAt > 0 && version.version < head.version;
    return { head, version, supersededAt: superseded ? await supersededAt(em, operator, version) : 0 };
  });
}

/**
 * Whether a version was published: it was in force, or it was written after one was, and so was in force or scheduled.
 * All others are drafts.
 */
export function isPublished(
  reads: Reads,
  operator: OperatorNo,
  { definitionId, version, effectiveAt }: VersionRow,
): boolean | Promise<boolean> {
  if (effectiveAt > 0) return true;
  return reads(async (em) => {
    const [earlier] = await readRows(em, definitionVersion, operator, (query) =>
      query
        .where('t.definition_id', '=', definitionId)
        .where('t.version', '<', version)
        .where(sql<SqlBool>`t.effective_at > 'epoch'`)
        .limit(1),
    );
    return earlier !== undefined;
  });
}

/** When the version after one came in force; 0: none has. */
async function supersededAt(
  em: EntityManager,
  operator: OperatorNo,
  { definitionId, version }: VersionRow,
): Promise<number> {
  const [next] = await readRows(em, definitionVersion, operator, (query) =>
    query
      .where('t.definition_id', '=', definitionId)
      .where('t.version', '>', version)
      .where(sql<SqlBool>`t.effective_at > 'epoch'`)
      .orderBy('t.version')
      .limit(1),
  );
  return next?.effectiveAt ?? 0;
}

/** A definition by the number of its head, with its scheduled version; undefined: none is scheduled. */
export function findScheduled(reads: Reads, operator: OperatorNo, id: number): Promise<Stored | undefined> {
  return reads(async (em) => {
    const [head] = await readRowsById(em, definition, operator, [id]);
    if (head === undefined || head.scheduled === 0) return undefined;
    const [version] = await readRowsById(em, definitionVersion, operator, [head.scheduledId]);
    return { head, version: version! };
  });
}

/** Definitions by the numbers of their heads, in that order: with the version in force; of a draft, the newest. */
export function findDefinitions(reads: Reads, operator: OperatorNo, ids: readonly number[]): Promise<Stored[]> {
  return reads(async (em) => {
    const heads = new Map((await readRowsById(em, definition, operator, ids)).map((head) => [head.id, head]));
    const wanted = [...heads.values()].map(({ versionId }) => versionId);
    const versions = new Map((await readRowsById(em, definitionVersion, operator, wanted)).map((one) => [one.id, one]));
    return ids.flatMap((id) => {
      const head = heads.get(id);
      return head === undefined ? [] : [{ head, version: versions.get(head.versionId)! }];
    });
  });
}

/** A definition's head by its number. */
export function findHead(reads: Reads, operator: OperatorNo, definitionId: number): Promise<DefinitionRow | undefined> {
  return reads(async (em) => (await readRowsById(em, definition, operator, [definitionId]))[0]);
}

/** Up to `limit` definitions with a status whose ids are greater than `after`, ordered by id. */
export function listDefinitions(
  reads: Reads,
  { engine }: DefinitionKind,
  operator: OperatorNo,
  wanted: Status,
  after: string,
  limit: number,
): Promise<Stored[]> {
  return reads(async (em) => {
    // "0" is the character after "/": it ends the range of an engine's codes.
    const heads = await readRows(em, definition, operator, (query) =>
      query
        .where('t.code', '>', definitionCode(engine, after))
        .where('t.code', '<', `${engine}0`)
        .where(sql<SqlBool>`t.code <> '' and t.apart = 0`)
        .where('t.status', '=', status[wanted])
        .orderBy('t.code')
        .limit(limit),
    );
    const versions = await readRowsById(
      em,
      definitionVersion,
      operator,
      heads.map(({ versionId }) => versionId),
    );
    const byId = new Map(versions.map((version) => [version.id, version]));
    return heads.map((head) => ({ head, version: byId.get(head.versionId)! }));
  });
}

/** Converts a stored definition to the form in which it is shown. */
export function shownOf<Content>(
  kind: DefinitionKind<Content>,
  { head, version, supersededAt = 0 }: Stored,
): Shown<Content> {
  return {
    definitionId: head.id,
    code: idOfCode(head.code),
    status: statusName(head.status),
    content: kind.read(version.format, version.content),
    version: version.version,
    versionId: version.id,
    configHash: Buffer.from(version.configHash).toString('hex'),
    publishedAt: version.publishedAt,
    effectiveAt: version.effectiveAt,
    supersededAt,
    inForce: head.version,
    latest: head.latest,
    scheduled: head.scheduled,
    scheduledAt: head.scheduledAt,
    createdAt: head.createdAt,
    updatedAt: head.updatedAt,
  };
}
