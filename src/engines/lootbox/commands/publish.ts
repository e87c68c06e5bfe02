import { LootboxPublished } from '../../../../gen/windfall/facts/v1/facts.ts';
import { defineFact, STALE, type Command, type Fact, type Operation, type Want } from '../../../journal/index.ts';
import { Refusal } from '../../../kernel/index.ts';
import { lootbox, lootboxVersion, status } from '../entities.ts';
import type { Definition } from '../rules.ts';

const lootboxPublished = defineFact<LootboxPublished>({
  name: 'lootbox.published',
  number: 10,
  version: 1,
  aggregate: lootbox,
  codec: LootboxPublished,
  evolve(data, rows, at) {
    const head = rows.edit(lootbox, at.aggregate);
    head.code = data.code;
    head.status = status.active;
    head.version = Number(data.version);
    head.versionId = Number(data.versionId);
    head.createdAt = Number(data.createdAt);
    head.updatedAt = at.time;
    const version = rows.edit(lootboxVersion, head.versionId);
    version.lootboxId = at.aggregate;
    version.version = head.version;
    version.definition = data.definition;
    version.configHash = data.configHash;
    version.publishedAt = at.time;
  },
});

interface Publication {
  readonly id: number;
  readonly code: string;
  /** A number that no row has yet. */
  readonly versionId: number;
  readonly definition: Definition;
  readonly configHash: Buffer;
}

export interface UpdateRequest extends Publication {
  /** The version that the definition was made from. */
  readonly base: number;
  /** What the caller expects to change; 0: whatever is current. */
  readonly expectedVersion: number;
}

function needs({ id, code, versionId }: Publication, want: Want): void {
  want.find(lootbox, code);
  want.row(lootbox, id);
  want.row(lootboxVersion, versionId);
}

function published({ id, code, versionId, definition, configHash }: Publication, version: number, createdAt: number): Fact[] {
  const data: LootboxPublished = {
    code, configHash,
    versionId: BigInt(versionId),
    version: BigInt(version),
    definition: JSON.stringify(definition),
    createdAt: BigInt(createdAt),
  };
  return [{ kind: lootboxPublished, id, data, transfers: [] }];
}

/** The version that was published, as its fact has it. */
export interface Published {
  readonly data: LootboxPublished;
  /** Microseconds since 1970. */
  readonly time: number;
}

const answer = ({ facts, time }: Operation): Published => ({ data: facts[0]!.data as LootboxPublished, time });

/** Publishes version 1 of a new lootbox. Refuses: ALREADY_EXISTS. */
export const createLootbox: Command<Publication, Published> = {
  name: 'lootbox.create',
  needs,
  decide(request, given) {
    if (given.find(lootbox, request.code) !== undefined) {
      throw new Refusal('ALREADY_EXISTS', 'the id is taken', { details: { field: 'id', id: request.code } });
    }
    return published(request, 1, given.now);
  },
  answer,
};

/** Publishes the next version. Refuses: VERSION_MISMATCH; STALE if `base` is no longer current. */
export const updateLootbox: Command<UpdateRequest, Published> = {
  name: 'lootbox.update',
  needs,
  decide(request, given) {
    const { version, createdAt } = given.row(lootbox, request.id);
    if (request.expectedVersion !== 0 && request.expectedVersion !== version) {
      throw new Refusal('VERSION_MISMATCH', 'the lootbox has changed', { details: { version: String(version) } });
    }
    if (request.base !== version) throw STALE;
    return published(request, version + 1, createdAt);
  },
  answer,
};
