import type {
  ArchiveJackpotRequest, CreateJackpotRequest, Jackpot as JackpotMessage, UpdateJackpotRequest,
} from '../../../gen/windfall/jackpot/v1/jackpot.ts';
import { newStream } from '../../fairness/index.ts';
import { callOptions, STALE, type CallOptions } from '../../journal/index.ts';
import type { Context } from '../../rpc/index.ts';
import type { Platform } from '../index.ts';
import { archiveJackpot } from './commands/archive.ts';
import { createJackpot, updateJackpot } from './commands/publish.ts';
import { hitRateOf, type Definition } from './definition.ts';
import { updatedDefinition, wantedPots } from './input.ts';
import { status } from './entities.ts';
import { jackpotMessage } from './mapping.ts';
import { requireJackpot, withPots } from './queries.ts';
import type { WinSelector } from './rules.ts';

const MESSAGES = 'windfall.jackpot.v1.';

/** Publishes version 1 and opens the pots. */
export async function create(platform: Platform, request: CreateJackpotRequest, context: Context): Promise<JackpotMessage> {
  const wanted = wantedPots(request);
  const asset = (await platform.tenants.of(context.caller.operator)).assetNo(request.asset);
  const [id, versionId] = [await platform.newId(), await platform.newId()];
  const definition: Definition = {
    name: request.name || request.id,
    asset: request.asset,
    funding: request.funding === 'player' ? 'player' : 'operator',
    selector: (request.winSelector || 'all') as WinSelector,
    pots: await Promise.all(wanted.map(async ({ settings }) => ({ pot: await platform.newId(), ...settings }))),
  };
  await platform.journal.run(createJackpot, {
    id, versionId, asset, definition, code: request.id, configHash: configHashOf(definition),
    streamName: newStream('jackpot'), keyId: platform.keys.currentId,
    openings: wanted.map(({ value, surplus }) => ({ value, surplus, streamName: newStream('pot') })),
  }, options(platform, 'CreateJackpotRequest', createJackpot.name, request, context, id));
  return shown(platform, context, request.id);
}

/** Publishes the next version; made anew if another one is published meanwhile. */
export async function update(platform: Platform, request: UpdateJackpotRequest, context: Context): Promise<JackpotMessage> {
  for (;;) {
    const { head, definition: before } = await requireJackpot(platform.sql, context.caller.operator, request.id);
    const definition = updatedDefinition(before, request);
    const expected = request.expectedVersion === 0 || request.expectedVersion === head.version;
    if (expected && head.status === status.active && JSON.stringify(definition) === JSON.stringify(before)) {
      return shown(platform, context, request.id);
    }
    try {
      await platform.journal.run(updateJackpot, {
        id: head.id, versionId: await platform.newId(), asset: head.asset, definition, code: request.id,
        configHash: configHashOf(definition), base: head.version, expectedVersion: request.expectedVersion,
      }, options(platform, 'UpdateJackpotRequest', updateJackpot.name, request, context, head.id));
      return await shown(platform, context, request.id);
    } catch (reason) {
      if (reason !== STALE) throw reason;
    }
  }
}

/** Archives a jackpot. */
export async function archive(platform: Platform, request: ArchiveJackpotRequest, context: Context): Promise<JackpotMessage> {
  const { head: { id } } = await requireJackpot(platform.sql, context.caller.operator, request.id);
  await platform.journal.run(archiveJackpot, { id },
    options(platform, 'ArchiveJackpotRequest', archiveJackpot.name, request, context, id));
  return shown(platform, context, request.id);
}

const configHashOf = (definition: Definition): Buffer => Buffer.from(hitRateOf(definition)?.configHash ?? '', 'hex');

function options(
  { requestHash }: Platform, message: string, operation: string, request: { readonly idempotencyKey: string },
  context: Context, route: number,
): CallOptions {
  return callOptions(context, {
    operation, brand: 0, key: request.idempotencyKey, route, hash: () => requestHash(MESSAGES + message)(request),
  });
}

/** The jackpot as it is now. */
async function shown({ sql, keys }: Platform, { caller }: Context, code: string): Promise<JackpotMessage> {
  const [jackpot] = await withPots(sql, caller.operator, [await requireJackpot(sql, caller.operator, code)]);
  return jackpotMessage(jackpot!, keys, true);
}
