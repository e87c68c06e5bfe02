import { RaffleClosed } from '../../../gen/ts/windfall/facts/v1/raffle.ts';
import { lookAt, requireActive } from '../../catalogue/index.ts';
import { roundAfter, roundDue, type BeaconChain } from '../../fairness/index.ts';
import { defineFact, type Command, type RowRequests, type Snapshot } from '../../journal/index.ts';
import { ApiError, invalid } from '../../kernel/index.ts';
import { poolState, poolStateName, ticketPool } from '../../tickets/index.ts';
import { DRAW, raffles, type Raffle } from './definition.ts';

/** What somebody who draws brings. */
export interface DrawOrder {
  readonly raffle: Raffle;
  /** Entropy from the caller, and where it is from; empty: none. */
  readonly entropy: string;
  readonly source: string;
  /** The only brand whose players the caller may pay; null: all of them. */
  readonly brand: number | null;
}

export interface CloseOrder extends DrawOrder {
  /** The process's clock, in microseconds since 1970. */
  readonly clock: number;
}

/** No ticket of a pool is sold any more, and the entropy of its draw is named. */
export const raffleClosed = defineFact<RaffleClosed>({
  name: 'raffle.closed',
  number: 1301,
  version: 1,
  aggregate: ticketPool,
  codec: RaffleClosed,
  evolve(data, rows, at) {
    const pool = rows.edit(ticketPool, at.aggregate);
    pool.state = poolState.closed;
    pool.closedAt = at.time;
    pool.beaconChain = data.beaconChain;
    pool.beaconRound = Number(data.beaconRound);
    pool.entropy = data.entropy;
    pool.entropySource = data.source;
  },
});

export function drawNeeds({ raffle }: DrawOrder, rows: RowRequests): void {
  lookAt(raffle, rows);
  rows.lock(ticketPool, raffle.pool);
}

/**
 * Throws PERMISSION_DENIED, RAFFLE_NOT_ACTIVE, RAFFLE_ENDED (cancelled), and for an open pool RAFFLE_NOT_DUE and
 * INVALID_ARGUMENT, if a raffle may not be drawn now. Of a closed pool the winners can be known, so pausing does not
 * stop its draw.
 */
export function requireDrawable({ raffle, entropy, brand }: DrawOrder, snapshot: Snapshot): void {
  const { code, pool, content } = raffle;
  const { state, brand: sold } = snapshot.row(ticketPool, pool);
  if (brand !== null && sold !== 0 && sold !== brand) {
    throw new ApiError('PERMISSION_DENIED', 'players of a brand have tickets that the key may not act for', {
      details: { role: 'service' },
    });
  }
  if (state === poolState.closed) return;
  requireActive(raffles, raffle, snapshot);
  if (state === poolState.cancelled) throw ended(code, state);
  if (state !== poolState.open) return;
  const due = content.drawAt || content.salesEnd;
  if (BigInt(snapshot.now) < due) {
    const details = { id: code, due_time: new Date(Number(due / 1000n)).toISOString() };
    throw new ApiError('RAFFLE_NOT_DUE', 'the raffle is not drawn yet', { details });
  }
  if ((content.entropy === 'caller') !== (entropy !== ''))
    throw invalid('entropy', content.entropy === 'caller' ? 'must be given for this raffle' : 'must be empty for it');
}

/** The RAFFLE_ENDED error for what needs another state. */
export const ended = (code: string, state: number): ApiError =>
  new ApiError('RAFFLE_ENDED', `the raffle is ${poolStateName(state)}`, {
    details: { id: code, state: poolStateName(state) },
  });

/**
 * Closes an open pool and names the beacon of its draw; decides nothing if it is not open. It orders the task that
 * draws it, in case this process does not come to it. Throws what `requireDrawable` throws, and UNAVAILABLE if the
 * clocks differ so much that the beacon may be known.
 */
export function closing(chain: BeaconChain): Command<CloseOrder, void> {
  return {
    name: 'raffle.close',
    needs: drawNeeds,
    decide(order, snapshot) {
      requireDrawable(order, snapshot);
      const { raffle, entropy, source } = order;
      const { state, tickets } = snapshot.row(ticketPool, raffle.pool);
      if (state !== poolState.open) return [];
      // Where nobody can win, nothing is drawn.
      const beacon = raffle.content.entropy === 'beacon' && tickets > 0;
      const data: RaffleClosed = {
        entropy,
        source,
        beaconChain: beacon ? chain.hash : '',
        beaconRound: BigInt(beacon ? roundToCome(chain, snapshot.now, order.clock) : 0),
      };
      const tasks = [{ task: DRAW, id: raffle.pool, at: snapshot.now + RESUME_AFTER }];
      return [{ kind: raffleClosed, id: raffle.pool, data, transfers: [], tasks }];
    },
    answer: () => undefined,
  };
}

/**
 * The round that follows from the time of the close, as verifiers compute it. The database's clock must not be late: by
 * the process's clock the round must be to come, too.
 */
function roundToCome(chain: BeaconChain, now: number, clock: number): number {
  const round = roundAfter(chain, now);
  if (roundDue(chain, round) > clock) return round;
  throw new ApiError(
    'UNAVAILABLE',
    "the clocks of the server and the database differ: the beacon's round may be known",
    {
      retryAfterMs: RETRY_MS,
    },
  );
}

const RETRY_MS = 3000;
/** When the task looks after a draw that a call has begun, in microseconds. */
const RESUME_AFTER = 12_000_000;
