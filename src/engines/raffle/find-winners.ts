import {
  Draw,
  fullStream,
  seedStream,
  serverSeed,
  serverSeedHash,
  streamId,
  type BeaconRound,
} from '../../fairness/index.ts';
import { readRowsById, runOne, StaleVersionError, taskOptions, type CallOptions } from '../../journal/index.ts';
import { findHead, idOfCode } from '../../catalogue/index.ts';
import type { Reads } from '../../db/index.ts';
import { ApiError, type OperatorNo } from '../../kernel/index.ts';
import type { Platform } from '../../platform/index.ts';
import type { Task } from '../../tasks/index.ts';
import { drawWinningTickets, poolState, ticketPool, type PoolRow } from '../../tickets/index.ts';
import { closing, type DrawOrder } from './close.ts';
import { DRAW, raffles, type Raffle } from './definition.ts';
import { boundOf, drawing, type FoundWinners } from './draw.ts';

/** How long a draw waits for its beacon. */
const BEACON_MS = 10_000;
const RETRY_MS = 3000;

/**
 * Closes the pool and finds its winners; null: it was not closed, and the command will tell why. Throws UNAVAILABLE if
 * the beacon has not come, or the clocks differ.
 */
export async function findWinners(
  platform: Platform,
  order: DrawOrder,
  options: CallOptions,
): Promise<FoundWinners | null> {
  const { reads, keys, journal, beacon } = platform;
  const { raffle } = order;
  await journal.run(closing(beacon.chain), { ...order, clock: Date.now() * 1000 }, options).catch((error: unknown) => {
    // The definition has changed since it was read: the pool is open, and the command that draws asks for it again.
    if (!(error instanceof StaleVersionError)) throw error;
  });
  const [pool, stream] = await reads(async (em) => [
    (await readRowsById(em, ticketPool, options.operator, [raffle.pool]))[0]!,
    (await readRowsById(em, seedStream, options.operator, [streamId('raffle', raffle.pool)]))[0]!,
  ]);
  if (pool.state !== poolState.closed) return null;
  const round = pool.beaconRound === 0 ? null : await roundOf(platform, pool);
  const seed = round?.randomness ?? pool.entropy;
  const bound = boundOf(raffle, pool);
  const streamName = fullStream(stream.name, keys.epoch);
  const secret = serverSeed(keys.key(stream.keyId), streamName, stream.position);
  const draw = new Draw({
    serverSeed: secret,
    clientSeed: seed,
    nonce: 0,
    sub: 0,
    configHash: bound.configHash,
  });
  return oneSearch(reads, `${options.operator}/${raffle.pool}/${streamName}/${seed}`, async () => {
    const winners = await drawWinningTickets(reads, options.operator, raffle.pool, draw, bound);
    const from = { streamName, seedHash: serverSeedHash(secret), configHash: bound.configHash };
    return { ...from, seed, beacon: round, winners, words: draw.wordsConsumed };
  });
}

/** The searches of a process that are running. Many callers may ask for one draw: they share its search. */
const searches = new WeakMap<Reads, Map<string, Promise<FoundWinners>>>();

function oneSearch(reads: Reads, of: string, search: () => Promise<FoundWinners>): Promise<FoundWinners> {
  const running = searches.get(reads) ?? new Map<string, Promise<FoundWinners>>();
  searches.set(reads, running);
  const found = running.get(of) ?? search().finally(() => running.delete(of));
  running.set(of, found);
  return found;
}

async function roundOf({ beacon }: Platform, { beaconChain, beaconRound }: PoolRow): Promise<BeaconRound> {
  const round = beaconChain === beacon.chain.hash ? await beacon.round(beaconRound, BEACON_MS) : undefined;
  if (round !== undefined) return round;
  throw new ApiError('UNAVAILABLE', `round ${beaconRound} of the beacon has not come yet`, { retryAfterMs: RETRY_MS });
}

/**
 * Draws a raffle at its time, or one whose pool was closed by a call that did not come to its end. It does nothing to a
 * raffle that was cancelled, or to an open one that is paused or whose time was moved: for these there is another
 * order, or nothing to do.
 */
export const drawTask: Task = {
  name: DRAW,
  async run(platform, { operator, id, at }) {
    let raffle = await raffleOf(platform, operator, id, false);
    const options = taskOptions(operator, id, { operation: DRAW, of: id });
    const work = {
      journal: platform.journal,
      command: drawing,
      async prepare(_: null, fresh: boolean) {
        if (fresh) raffle = await raffleOf(platform, operator, id, true);
        const order = { raffle, entropy: '', source: '', brand: null };
        const found = fresh ? await findWinners(platform, order, taskOptions(operator, id)) : null;
        return { request: { ...order, found }, options };
      },
    };
    await runOne(work, null).catch((error: unknown) => {
      const reason = error instanceof ApiError ? error.reason : '';
      const later = reason === 'RAFFLE_NOT_DUE' && Number(raffle.content.drawAt) > at;
      if (!later && reason !== 'RAFFLE_NOT_ACTIVE' && reason !== 'RAFFLE_ENDED') throw error;
    });
  },
};

async function raffleOf(
  { reads, definitions }: Platform,
  operator: OperatorNo,
  pool: number,
  fresh: boolean,
): Promise<Raffle> {
  const [row] = await reads((em) => readRowsById(em, ticketPool, operator, [pool]));
  const head = await findHead(reads, operator, row!.definitionId);
  return definitions.get(raffles, operator, idOfCode(head!.code), fresh);
}
