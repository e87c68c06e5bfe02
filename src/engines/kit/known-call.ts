import type { DefinitionKind } from '../../catalogue/index.ts';
import { callOptions, findOperationByKey, type CallOptions, type Operation } from '../../journal/index.ts';
import type { OperatorNo } from '../../kernel/index.ts';
import type { Platform } from '../../platform/index.ts';
import type { Context } from '../../rpc/index.ts';
import { hashOf, type DefinitionRequest, type Keyed } from './change-request.ts';

/** How a change of a definition is called. */
export function optionsOf(
  context: Context,
  { engine }: DefinitionKind,
  verb: string,
  { key, hash }: Keyed,
  route: number,
): CallOptions {
  return callOptions(context, { operation: `${engine}.${verb}`, brand: 0, key, hash, route });
}

/** Whether a definition was created by a call with the same key. */
export async function wasCreated(
  platform: Platform,
  kind: DefinitionKind,
  path: string,
  request: DefinitionRequest,
  context: Context,
): Promise<boolean> {
  const { operator, keys } = optionsOf(context, kind, 'create', hashOf(platform, path, request), 0);
  return (await firstCall(platform, operator, keys)) !== undefined;
}

/** What was decided for a key. */
export const firstCall = async (
  { reads, register }: Platform,
  operator: OperatorNo,
  [key]: readonly string[],
): Promise<Operation | undefined> =>
  key === undefined ? undefined : reads((em) => findOperationByKey(em, register, operator, key));
