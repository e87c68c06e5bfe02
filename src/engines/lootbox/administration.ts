import type {
  ArchiveLootboxRequest, CreateLootboxRequest, Lootbox as LootboxMessage, UpdateLootboxRequest,
} from '../../../gen/windfall/lootbox/v1/lootbox.ts';
import { callOptions, STALE, type Command } from '../../journal/index.ts';
import type { Context } from '../../rpc/index.ts';
import type { Platform } from '../index.ts';
import { archiveLootbox } from './commands/archive.ts';
import { createLootbox, updateLootbox, type Published } from './commands/publish.ts';
import { status } from './entities.ts';
import { configHashOf, definitionOf, lootboxMessage, updatedDefinition } from './mapping.ts';
import { findVersion, requireLootbox } from './queries.ts';
import { bindLootbox, type Definition } from './rules.ts';

/** Publishes version 1. */
export async function create(platform: Platform, request: CreateLootboxRequest, context: Context): Promise<LootboxMessage> {
  const definition = definitionOf(request);
  const [id, versionId] = [await platform.newId(), await platform.newId()];
  return publish(platform, createLootbox, {
    id, versionId, definition, code: request.id, configHash: configHashOf(definition),
  }, context, { key: request.idempotencyKey, hash: () => platform.requestHash('windfall.lootbox.v1.CreateLootboxRequest')(request) });
}

/** Publishes the next version; made anew if another one is published meanwhile. */
export async function update(platform: Platform, request: UpdateLootboxRequest, context: Context): Promise<LootboxMessage> {
  const hash = (): string => platform.requestHash('windfall.lootbox.v1.UpdateLootboxRequest')(request);
  for (;;) {
    const { head, definition: before } = await requireLootbox(platform.sql, context.caller.operator, request.id);
    const definition = updatedDefinition(before, request);
    try {
      return await publish(platform, updateLootbox, {
        id: head.id, versionId: await platform.newId(), definition, code: request.id, configHash: configHashOf(definition),
        base: head.version, expectedVersion: request.expectedVersion,
      }, context, { key: request.idempotencyKey, hash });
    } catch (reason) {
      if (reason !== STALE) throw reason;
    }
  }
}

interface Key {
  readonly key: string;
  readonly hash: () => string;
}

/** Publishes a version whose assets all exist. Refuses: ASSET_NOT_FOUND, and what the command refuses. */
async function publish<Request extends { id: number; code: string; versionId: number; definition: Definition }>(
  { journal, tenants }: Platform, command: Command<Request, Published>, request: Request, context: Context, { key, hash }: Key,
): Promise<LootboxMessage> {
  const tenant = await tenants.of(context.caller.operator);
  bindLootbox({ ...request, version: 0 }, (asset) => tenant.assetNo(asset));
  const options = callOptions(context, { operation: command.name, brand: 0, key, hash, route: request.id });
  const { data, time } = await journal.run(command, request, options);
  return lootboxMessage({
    head: {
      code: data.code, status: status.active, version: Number(data.version),
      createdAt: Number(data.createdAt), updatedAt: time,
    },
    definition: JSON.parse(data.definition) as Definition,
    configHash: Buffer.from(data.configHash).toString('hex'),
  });
}

/** Archives a lootbox. */
export async function archive(platform: Platform, request: ArchiveLootboxRequest, context: Context): Promise<LootboxMessage> {
  const { operator } = context.caller;
  const current = await requireLootbox(platform.sql, operator, request.id);
  const { id, code } = current.head;
  const archived = await platform.journal.run(archiveLootbox, { id }, callOptions(context, {
    operation: archiveLootbox.name, brand: 0, key: request.idempotencyKey, route: id,
    hash: () => platform.requestHash('windfall.lootbox.v1.ArchiveLootboxRequest')(request),
  }));
  if (archived === null) return lootboxMessage(current);
  const { data, time } = archived;
  const version = (await findVersion(platform.sql, operator, Number(data.versionId)))!;
  return lootboxMessage({
    head: {
      code, status: status.archived, version: version.version, createdAt: Number(data.createdAt), updatedAt: time,
    },
    definition: JSON.parse(version.definition) as Definition,
    configHash: Buffer.from(version.configHash).toString('hex'),
  });
}
