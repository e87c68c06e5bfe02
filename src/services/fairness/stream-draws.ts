import type {
  ListStreamDrawsRequest,
  ListStreamDrawsResponse,
  StreamDraw,
} from '../../../gen/ts/windfall/fairness/v1/fairness.ts';
import { ownerOfStream, seedStream, type DrawKind, type RecordPlace, type StreamRow } from '../../fairness/index.ts';
import { factsAfter, readRows, type AggregateFact } from '../../journal/index.ts';
import { ApiError, pageOf, positionNumber, type Caller } from '../../kernel/index.ts';
import type { Platform } from '../../platform/index.ts';
import { recordMessage } from './mapping.ts';

/** The draws of a stream, oldest first. Throws STREAM_NOT_FOUND. */
export async function listStreamDraws(
  platform: Platform,
  caller: Caller,
  request: ListStreamDrawsRequest,
): Promise<ListStreamDrawsResponse> {
  const { reads, register, tenants, draws: kinds } = platform;
  const { operator } = caller;
  const { kind, name } = request;
  const stream = `${kind}/${name}`;
  const row = await findStream(platform, caller, stream);
  const open = row !== undefined && (await seesAll(platform, caller, row));
  if (row === undefined || (kind === 'player' && !open))
    throw new ApiError('STREAM_NOT_FOUND', 'no such stream', { details: { stream } });
  const listed = [...kinds.values()].filter((one) => one.stream === kind).map((one) => one.kind.number);
  const aggregate = kind === 'player' ? row.id : ownerOfStream(row.id);
  const { items, nextPageToken } = await pageOf(request, {
    name: `streams/${stream}`,
    read: (position, limit) => {
      const after = positionNumber(position, 0);
      return reads((em) => factsAfter(em, register, { operator, aggregate, kinds: listed, after, limit }));
    },
    position: ({ sequence }) => sequence,
  });
  const place = { operator: (await tenants.of(operator)).name };
  const shown = await Promise.all(
    items.map((fact) => drawOf(kinds.get(fact.fact.kind), caller, fact, place, open, request.withProofs)),
  );
  return { nextPageToken, draws: shown.flat().filter((one) => one.stream.startsWith(stream)) };
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

async function drawOf(
  kind: DrawKind | undefined,
  { operator }: Caller,
  { id: operation, time, part, fact: { id, data } }: AggregateFact,
  { operator: name }: Pick<RecordPlace, 'operator'>,
  open: boolean,
  withProofs: boolean,
): Promise<StreamDraw[]> {
  const proved = await kind?.prove(operator, id, data, { operator: name, operation, part, time });
  const leaf = kind?.leaf?.(data);
  return (proved?.records ?? []).map((proof) => {
    const { stream, position, nonce, seed_hash: seedHash } = JSON.parse(proof.record);
    return {
      stream,
      seedHash,
      kind: kind!.kind.name,
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
}
