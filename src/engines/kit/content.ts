import type { DefinitionKind } from '../../catalogue/index.ts';
import type { Caller } from '../../kernel/index.ts';
import type { Platform } from '../../platform/index.ts';
import { getDefinition } from './lifecycle.ts';

/** A request about a stored version, or about a definition that it brings. */
interface Subject {
  readonly id: string;
  readonly version: number;
  readonly definition?: unknown;
}

/**
 * The content that a request is about. A definition that it brings is checked like a new one, and is not stored. Throws
 * INVALID_ARGUMENT, ASSET_NOT_FOUND, …_NOT_FOUND, VERSION_NOT_FOUND.
 */
export async function contentOf<Content>(
  platform: Platform,
  kind: DefinitionKind<Content>,
  { id, version, definition }: Subject,
  caller: Caller,
): Promise<Content> {
  if (definition === undefined) return (await getDefinition(platform, kind, { id, version }, caller)).shown.content;
  const tenant = await platform.tenants.of(caller.operator);
  const content = await kind.create(definition, async () => 1);
  kind.bind({ definitionId: 0, code: id, version: 0, versionId: 0, content }, tenant);
  return content;
}
