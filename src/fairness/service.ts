import type {
  FairnessServiceService, GetCommitmentResponse, GetProofResponse, ListDrawsRequest, ListDrawsResponse,
} from '../../gen/windfall/fairness/v1/fairness.ts';
import type { Sql } from '../db/index.ts';
import { callOptions, findOperation, OPERATION, readOperations, selectRows, type Journal } from '../journal/index.ts';
import { decodePageNumber, encodePageToken, Refusal, type Caller, type OperatorNo } from '../kernel/index.ts';
import type { Implementation } from '../rpc/index.ts';
import { setClientSeed } from './commands/set-client-seed.ts';
import type { DrawKind } from './draws.ts';
import { proofMessage, proofOf } from './mapping.ts';
import { serverSeed, serverSeedHash, type MasterKeys } from './seeds.ts';
import { PUBLISHED_AHEAD, seedStream, streamId } from './stream.ts';
import { verifyProof } from './verify-proof.ts';

type Named = { readonly userId: string; readonly brandId: number };
type Identified = { readonly brandId: number; readonly player: number };

export interface FairnessHost {
  readonly sql: Sql;
  readonly journal: Journal;
  readonly keys: MasterKeys;
  /** The player that a request names; made if unknown. */
  identify(request: Named, caller: Caller): Identified | Promise<Identified>;
  /** The player that a request names. Refuses: PLAYER_NOT_FOUND. */
  find(request: Named, caller: Caller): Identified | Promise<Identified>;
  requestHash(messageType: string): (request: unknown) => string;
}

/** FairnessService, for the kinds of draws that engines make. */
export function fairnessService(host: FairnessHost, kinds: readonly DrawKind[]): Implementation<typeof FairnessServiceService> {
  const byName = new Map(kinds.map((kind) => [kind.kind, kind]));
  const hash = host.requestHash('windfall.fairness.v1.SetClientSeedRequest');
  return {
    async getCommitment(request, { caller }) {
      const { player } = await host.identify(request, caller);
      return commitment(host, caller.operator, player);
    },
    async setClientSeed(request, context) {
      const { caller } = context;
      const { brandId, player } = await host.identify({ userId: '', brandId: 0 }, caller);
      const stream = streamId('player', player);
      return host.journal.run(setClientSeed, { stream, clientSeed: request.clientSeed }, callOptions(context, {
        operation: setClientSeed.name, brand: brandId, key: request.idempotencyKey, hash: () => hash(request), route: player,
      }));
    },
    async listDraws(request, { caller }) {
      const { player } = await host.find(request, caller);
      return listDraws(host, byName, caller.operator, player, request);
    },
    getProof: ({ drawId }, { caller }) => prove(host, byName, caller.operator, drawId),
    verifyProof: async ({ proof }) => verifyProof(proofOf(proof!)) as { valid: boolean; failures: string[] },
  };
}

async function commitment({ sql, keys }: FairnessHost, operator: OperatorNo, player: number): Promise<GetCommitmentResponse> {
  const [row] = await selectRows(sql, seedStream, operator, 't.id = $2', [streamId('player', player)]);
  const { name, keyId, position, clientSeed, movedAt } = row!;
  const seeds = Array.from({ length: PUBLISHED_AHEAD + 1 }, (_, ahead) => ({
    nonce: BigInt(position + ahead),
    serverSeedHash: serverSeedHash(serverSeed(keys.key(keyId), name, position + ahead)),
  }));
  return {
    stream: name,
    nonce: BigInt(position),
    serverSeedHash: seeds[0]!.serverSeedHash,
    clientSeed,
    seeds,
    readableSince: new Date(movedAt / 1000),
  };
}

async function prove(
  { sql }: FairnessHost, kinds: ReadonlyMap<string, DrawKind>, operator: OperatorNo, drawId: string,
): Promise<GetProofResponse> {
  const operation = await findOperation(sql, operator, drawId);
  const drew = (operation?.facts ?? []).filter(({ kind }) => kinds.has(kind.name));
  const proved = (await Promise.all(drew.map(({ kind, id, data }) => kinds.get(kind.name)!.prove(operator, id, data))))
    .filter((one) => one !== undefined);
  const details = { draw_id: drawId };
  if (proved.length === 0) throw new Refusal('DRAW_NOT_FOUND', 'no such draw', { details });
  const [proof, ...further] = proved.flatMap(({ proofs }) => proofs).map(proofMessage);
  if (proof === undefined) throw new Refusal('SEED_SEALED', 'the draw\'s seed is not revealed yet', { details });
  const { definitionId, definitionVersion } = proved[0]!;
  return {
    drawId, definitionId, proof,
    kind: drew[0]!.kind.name,
    definitionVersion: BigInt(definitionVersion),
    drawTime: new Date(operation!.time / 1000),
    furtherProofs: further,
  };
}

// Facts of one stream by their sequence; those that drew nothing (a client seed that was set) are passed over.
const DRAWS = `select j.operation_id, ${OPERATION}, j.aggregate_sequence from journal j where j.operator_id = $1 `
  + 'and j.aggregate_id = $2 and j.kind = any($3::int2[]) and j.aggregate_sequence < $4 '
  + 'order by j.aggregate_sequence desc limit $5';

async function listDraws(
  { sql, keys }: FairnessHost, kinds: ReadonlyMap<string, DrawKind>, operator: OperatorNo, player: number,
  { pageSize, pageToken }: ListDrawsRequest,
): Promise<ListDrawsResponse> {
  const size = pageSize || 50;
  const filter = `draws/${player}`;
  const before = pageToken === '' ? Number.MAX_SAFE_INTEGER : decodePageNumber(filter, pageToken);
  const numbers = [...kinds.values()].filter(({ personal }) => personal !== undefined).map(({ number }) => number);
  const rows = await sql(DRAWS, [operator, streamId('player', player), numbers, before, size + 1]);
  const page = rows.slice(0, size);
  const draws = [...readOperations(page).values()].map((operation) => {
    const { kind, data } = operation.facts[0]!;
    const draw = kinds.get(kind.name)!.personal!(data);
    const seed = serverSeed(keys.key(draw.keyId), draw.streamName, Number(draw.position));
    return {
      drawId: operation.id, kind: kind.name, nonce: draw.position, serverSeed: seed, serverSeedHash: serverSeedHash(seed),
      clientSeed: draw.clientSeed, drawTime: new Date(operation.time / 1000),
    };
  });
  return { draws, nextPageToken: rows.length > size ? encodePageToken(filter, page.at(-1)!.at(-1)!) : '' };
}
