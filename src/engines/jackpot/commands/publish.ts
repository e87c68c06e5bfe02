import { JackpotPublished, type PotOpened } from '../../../../gen/windfall/facts/v1/facts.ts';
import { seedStream, streamId } from '../../../fairness/index.ts';
import {
  account, accountId, defineFact, STALE, type AssetNo, type Command, type Fact, type Given, type Operation, type Rows,
  type Transfer, type Want,
} from '../../../journal/index.ts';
import { Refusal, type Micros } from '../../../kernel/index.ts';
import { bindPot, type Definition } from '../definition.ts';
import { jackpot, jackpotVersion, pot, status } from '../entities.ts';
import { startOf } from '../rules.ts';
import { startMessage } from './win.ts';

const jackpotPublished = defineFact<JackpotPublished>({
  name: 'jackpot.published',
  number: 40,
  version: 1,
  aggregate: jackpot,
  codec: JackpotPublished,
  evolve(data, rows, at) {
    const head = rows.edit(jackpot, at.aggregate);
    head.code = data.code;
    head.status = status.active;
    head.version = Number(data.version);
    head.versionId = Number(data.versionId);
    head.asset = Number(data.asset);
    head.createdAt = Number(data.createdAt);
    head.updatedAt = at.time;
    const version = rows.edit(jackpotVersion, head.versionId);
    version.jackpotId = at.aggregate;
    version.version = head.version;
    version.definition = data.definition;
    version.configHash = data.configHash;
    version.publishedAt = at.time;
    if (data.streamName === '') return;
    openStream(rows, streamId('jackpot', at.aggregate), data.streamName, data.keyId, at.time);
    for (const opened of data.pots) {
      open(rows, at.aggregate, opened);
      openStream(rows, streamId('pot', Number(opened.pot)), opened.streamName, data.keyId, at.time);
    }
  },
});

function open(rows: Rows, jackpotId: number, { pot: id, code, surplus, start }: PotOpened): void {
  const row = rows.edit(pot, Number(id));
  row.jackpotId = jackpotId;
  row.code = code;
  row.value = start!.value;
  row.surplus = surplus;
  row.cycle = 1;
  row.triggerFrom = start!.triggerFrom;
  row.triggerTo = start!.triggerTo;
  row.dueAt = Number(start!.dueAt);
}

function openStream(rows: Rows, id: number, name: string, keyId: string, time: number): void {
  const stream = rows.edit(seedStream, id);
  stream.name = name;
  stream.keyId = keyId;
  stream.movedAt = time;
}

interface Publication {
  readonly id: number;
  readonly code: string;
  /** A number that no row has yet. */
  readonly versionId: number;
  readonly asset: AssetNo;
  readonly definition: Definition;
  /** Empty: nothing is hit by chance. */
  readonly configHash: Buffer;
}

export interface CreateRequest extends Publication {
  readonly streamName: string;
  readonly keyId: string;
  /** What each pot of the definition opens with. */
  readonly openings: readonly { readonly value: Micros; readonly surplus: Micros; readonly streamName: string }[];
}

export interface UpdateRequest extends Publication {
  /** The version that the definition was made from. */
  readonly base: number;
  /** What the caller expects to change; 0: whatever is current. */
  readonly expectedVersion: number;
}

function needs({ id, code, versionId }: Publication, want: Want): void {
  want.find(jackpot, code);
  want.row(jackpot, id);
  want.row(jackpotVersion, versionId);
}

function published(
  { code, versionId, definition, configHash, asset }: Publication, version: number, createdAt: number,
): JackpotPublished {
  return {
    code, configHash,
    version: BigInt(version),
    versionId: BigInt(versionId),
    definition: JSON.stringify(definition),
    createdAt: BigInt(createdAt),
    asset: BigInt(asset),
    pots: [], streamName: '', keyId: '',
  };
}

/** The version that was published, as its fact has it. */
export interface Published {
  readonly data: JackpotPublished;
  readonly id: number;
  /** Microseconds since 1970. */
  readonly time: number;
}

const answer = ({ facts, time }: Operation): Published => ({ id: facts[0]!.id, data: facts[0]!.data as JackpotPublished, time });

/** Publishes version 1 of a new jackpot and opens its pots. Refuses: ALREADY_EXISTS. */
export const createJackpot: Command<CreateRequest, Published> = {
  name: 'jackpot.create',
  needs(request, want) {
    needs(request, want);
    want.row(account, accountId('jackpot', request.id, request.asset));
    want.row(seedStream, streamId('jackpot', request.id));
    for (const { pot: id } of request.definition.pots) {
      want.row(pot, id);
      want.row(seedStream, streamId('pot', id));
    }
  },
  decide(request, given) {
    const { id, code, asset, streamName, keyId, openings } = request;
    if (given.find(jackpot, code) !== undefined) {
      throw new Refusal('ALREADY_EXISTS', 'the id is taken', { details: { field: 'id', id: code } });
    }
    const data = { ...published(request, 1, given.now), streamName, keyId, pots: potsOf(request, given) };
    const amount = openings.reduce((sum, { value, surplus }) => sum + value + surplus, 0n);
    const transfers: Transfer[] = amount === 0n ? []
      : [{ from: accountId('operator', 0, asset), to: accountId('jackpot', id, asset), amount }];
    return [{ kind: jackpotPublished, id, data, transfers }];
  },
  answer,
};

function potsOf({ definition, openings }: CreateRequest, given: Given): PotOpened[] {
  return definition.pots.map((stored, i) => {
    const { value, surplus, streamName } = openings[i]!;
    const start = startMessage(startOf(bindPot(stored).mustDrop, value, given.now));
    return { pot: BigInt(stored.pot), code: stored.id, surplus, streamName, start };
  });
}

/** Publishes the next version. Refuses: VERSION_MISMATCH; STALE if `base` is no longer current. */
export const updateJackpot: Command<UpdateRequest, Published> = {
  name: 'jackpot.update',
  needs,
  decide(request, given): Fact[] {
    const { version, createdAt } = given.row(jackpot, request.id);
    if (request.expectedVersion !== 0 && request.expectedVersion !== version) {
      throw new Refusal('VERSION_MISMATCH', 'the jackpot has changed', { details: { version: String(version) } });
    }
    if (request.base !== version) throw STALE;
    return [{ kind: jackpotPublished, id: request.id, data: published(request, version + 1, createdAt), transfers: [] }];
  },
  answer,
};
