import type {
  ListStreamDrawsRequest,
  ListStreamDrawsResponse,
  StreamDraw,
} from '../../../gen/ts/windfall/fairness/v1/fairness.ts';
import {
  ownerOfStream,
  seedStream,
  type ProvedRecord,
  type RecordPlace,
  type StreamRow,
} from '../../fairness/index.ts';
import { factsAfter, readRows, type AggregateFact } from '../../journal/index.ts';
import { ApiError, pageOf, positionNumber, type Caller, type OperatorNo } from '../../kernel/index.ts';
import type { Platform } from '../../platform/index.ts';
import { recordMessage } from './mapping.ts';

/** A stream as a caller may audit it. */
export interface Audit {
  /** Its name, with the epoch that the caller wants; without one: all of them. */
  readonly stream: string;
  /** Whether the caller may see what was brought to its draws. */
  readonly open: boolean;
  readonly operator: OperatorNo;
  /** The aggregate of its draws, and their kinds. */
  readonly aggregate: number;
  readonly kinds: readonly number[];
  readonly place: Pick<RecordPlace, 'operator'>;
}

/** The draws of a stream, oldest first. Throws STREAM_NOT_FOUND. */
export async function listStreamDraws(
  platform: Platform,
  caller: Caller,
  request: ListStreamDrawsRequest,
): Promise<ListStreamDrawsResponse> {
  const audit = await auditOf(platform, caller, request);
  const { items, nextPageToken } = await pageOf(request, {
    name: listName(audit),
    read: async (position, limit) => {
      const facts = await readFacts(platform, audit, positionNumber(position, 0), limit);
      const draws = (fact: AggregateFact) => drawsOf(platform, audit, fact, request.withProofs);
      return Promise.all(facts.map(async (fact) => ({ fact, draws: await draws(fact) })));
    },
    position: ({ fact }) => fact.sequence,
    bytes: ({ fact, draws }) => draws.reduce((sum, one) => sum + bytesOf(one), fact.bytes),
  });
  return { nextPageToken, draws: items.flatMap(({ draws }) => draws) };
}

const bytesOf = ({ recordProof }: StreamDraw): number => 500 + (recordProof?.record.length ?? 0);

/** The name of the list of a stream's draws, for page tokens. */
export const listName = ({ stream }: Audit): string => `streams/${stream}`;

/** Up to `limit` facts that may contain draws of the stream, after a sequence. */
export const readFacts = (
  { reads, register }: Platform,
  { operator, aggregate, kinds }: Audit,
  after: number,
  limit: number,
): Promise<AggregateFact[]> => reads((em) => factsAfter(em, register, { operator, aggregate, kinds, after, limit }));

/** The audit of a stream. Throws STREAM_NOT_FOUND, also for a player's that the caller may not see. */
export async function auditOf(
  platform: Platform,
  caller: Caller,
  { kind, name }: { readonly kind: string; readonly name: string },
): Promise<Audit> {
  const { operator } = caller;
  const stream = `${kind}/${name}`;
  const row = await findStream(platform, caller, stream);
  const open = row !== undefined && (await seesAll(platform, caller, row));
  if (row === undefined || (kind === 'player' && !open))
    throw new ApiError('STREAM_NOT_FOUND', 'no such stream', { details: { stream } });
  const listed = [...platform.draws.values()].filter((one) => one.stream === kind);
  const owner = ownerOfStream(row.id);
  return {
    stream,
    open,
    operator,
    kinds: listed.map((one) => one.kind.number),
    aggregate: kind === 'player' ? row.id : ((await listed[0]?.aggregateOf?.(operator, owner)) ?? owner),
    place: { operator: (await platform.tenants.of(operator)).name },
  };
}

async function findStream(
  { reads }: Platform,
  { operator }: Caller,
  stream: string,
): Promise<Readonly<StreamRow> | undefined> {
  // The row of a stream that goes on has no epoch in its name.
  const names = [stream, stream.split('-')[0]!];
  const rows = await reads((em) => readRows(em, seedStream, operator, (query) => query.where('t.name', 'in', names)));
  return rows[0];
}

/** Whether a caller may see what was brought to the draws of a stream. */
async function seesAll({ players }: Platform, caller: Caller, { id, name }: Readonly<StreamRow>): Promise<boolean> {
  const { role, brand, userId, operator } = caller;
  const known = role === 'service' || role === 'admin';
  if (!name.startsWith('player/')) return known && brand === null;
  const owner = (await players.byId(operator, [ownerOfStream(id)])).get(ownerOfStream(id));
  if (owner === undefined || (brand !== null && brand !== owner.brandId)) return false;
  return known || (role === 'player' && userId === owner.userId);
}

/** The draws of the stream in a fact. */
export async function drawsOf(
  { draws: kinds }: Pick<Platform, 'draws'>,
  { stream: wanted, open, operator, place }: Audit,
  { id: operation, time, part, fact: { kind, id, data } }: AggregateFact,
  withProofs: boolean,
): Promise<StreamDraw[]> {
  const draw = kinds.get(kind)!;
  const proved = await draw.prove(operator, id, data, { ...place, operation, part, time });
  const leaf = draw.leaf?.(data);
  const shown = (proved?.records ?? []).map((proof: ProvedRecord): StreamDraw => {
    const { stream, position, nonce, seed_hash: seedHash } = JSON.parse(proof.record);
    return {
      stream,
      seedHash,
      kind: kind.name,
      drawId: open ? operation : undefined,
      position: BigInt(position),
      nonce: BigInt(nonce),
      drawTime: new Date(time / 1000),
      digest: proof.digest,
      leaf: leaf && Buffer.from(leaf).toString('hex'),
      serverSeed: proof.server_seed || undefined,
      recordProof: open && withProofs ? recordMessage(proof) : undefined,
    };
  });
  // The aggregate may have the ends of other pots, and has the draws of all epochs.
  return shown.filter(({ stream }) => stream === wanted || stream.startsWith(`${wanted}-`));
}
