import {
  FairnessServiceService,
  type GetCommitmentResponse,
  type ListDrawsRequest,
  type ListDrawsResponse,
} from '../../../gen/ts/windfall/fairness/v1/fairness.ts';
import {
  fullStream,
  joinClientSeeds,
  PUBLISHED_AHEAD,
  readableSince,
  seedHashes,
  seedStream,
  serverSeed,
  serverSeedHash,
  setClientSeed,
  streamId,
  verifyProof,
  verifyRecord,
} from '../../fairness/index.ts';
import { callOptions, factsOf, readRowsById } from '../../journal/index.ts';
import { pageOf, positionNumber, type OperatorNo } from '../../kernel/index.ts';
import { receiptsOf, type Platform } from '../../platform/index.ts';
import type { Implementation } from '../../rpc/index.ts';
import { entryOf, firstProofOf, recordProofOf } from './mapping.ts';
import { prove } from './prove.ts';
import { receiptKeysOf } from './receipts.ts';
import { exportDraws } from './export-draws.ts';
import { listStreamDraws } from './stream-draws.ts';

/** FairnessService, for the kinds of draws that engines make. */
export function fairnessService(platform: Platform): Implementation<typeof FairnessServiceService> {
  const { identify, journal, requestHash } = platform;
  const hash = requestHash(FairnessServiceService.setClientSeed.path);
  return {
    async getCommitment(request, { caller }) {
      const creates = caller.role === 'player' || ['play', 'players:write'].some((scope) => caller.scopes.has(scope));
      const { player } = await (creates ? identify.ensure(request, caller) : identify.find(request, caller));
      return commitment(platform, caller.operator, player);
    },
    async setClientSeed(request, context) {
      const { brandId, player } = await identify.ensure({ userId: '', brandId: '' }, context.caller);
      const stream = streamId('player', player);
      const { clientSeed, deduped } = await journal.run(
        setClientSeed,
        { stream, clientSeed: request.clientSeed },
        callOptions(context, {
          operation: setClientSeed.name,
          brand: brandId,
          key: request.idempotencyKey,
          hash: () => hash(request),
          route: player,
        }),
        () => context.markReplayed(),
      );
      return { clientSeed: clientSeed || undefined, deduped };
    },
    async listDraws(request, { caller }) {
      const { player } = await identify.find(request, caller);
      return listDraws(platform, caller.operator, player, request);
    },
    listStreamDraws: (request, { caller }) => listStreamDraws(platform, caller, request),
    exportDraws: (request, context) => exportDraws(platform, context, request),
    async getProof({ drawId }, context) {
      const proof = await prove(platform, context.caller.operator, drawId);
      context.tag(proof);
      return proof;
    },
    getReceipt: async ({ drawId }, { caller }) => ({
      drawId,
      receipts: await receiptsOf(platform, caller.operator, drawId),
    }),
    getReceiptKeys: async () => receiptKeysOf(platform),
    verifyProof: async ({ proof, recordProof }) =>
      recordProof === undefined
        ? verifyProof(firstProofOf(proof!))
        : verifyRecord(recordProofOf(recordProof), {
            entries: recordProof.entries.map(entryOf),
            beacon: platform.beacon.chain,
          }),
  };
}

async function commitment(
  { reads, keys }: Platform,
  operator: OperatorNo,
  player: number,
): Promise<GetCommitmentResponse> {
  const [row] = await reads((em) => readRowsById(em, seedStream, operator, [streamId('player', player)]));
  const { name, keyId, position, clientSeed, movedAt } = row!;
  const seeds = seedHashes(keys, { name, keyId }, position, PUBLISHED_AHEAD + 1).map((serverSeedHash, ahead) => ({
    nonce: BigInt(position + ahead),
    serverSeedHash,
  }));
  return {
    stream: fullStream(name, keys.epoch),
    nonce: BigInt(position),
    serverSeedHash: seeds[0]!.serverSeedHash,
    clientSeed: clientSeed || undefined,
    seeds,
    readableSince: new Date(readableSince(movedAt, keys.epoch) / 1000),
  };
}

/** A player's draws, newest first. Facts of the stream without a draw (a client seed that was set) are skipped. */
async function listDraws(
  { reads, register, keys, draws: kinds }: Platform,
  operator: OperatorNo,
  player: number,
  request: ListDrawsRequest,
): Promise<ListDrawsResponse> {
  const aggregate = streamId('player', player);
  const numbers = [...kinds.values()].filter(({ personal }) => personal !== undefined).map(({ kind }) => kind.number);
  const { items, nextPageToken } = await pageOf(request, {
    name: `draws/${player}`,
    read: (before, limit) =>
      reads((em) =>
        factsOf(em, register, {
          operator,
          aggregate,
          kinds: numbers,
          before: positionNumber(before, Number.MAX_SAFE_INTEGER),
          limit,
        }),
      ),
    position: ({ sequence }) => sequence,
    bytes: (fact) => fact.bytes,
  });
  const draws = items.map(({ id, time, fact: { kind, data } }) => {
    const { keyId, streamName, position, nonce, clientSeeds } = kinds.get(kind)!.personal!(data);
    const secret = serverSeed(keys.key(keyId), streamName, position);
    return {
      drawId: id,
      kind: kind.name,
      nonce: BigInt(nonce),
      serverSeed: secret,
      serverSeedHash: serverSeedHash(secret),
      clientSeed: joinClientSeeds(clientSeeds),
      drawTime: new Date(time / 1000),
    };
  });
  return { draws, nextPageToken };
}
