import type { PotPaid } from '../../../../gen/ts/windfall/facts/v1/jackpot_ends.ts';
import {
  JackpotServiceService,
  type Jackpot,
  type WatchJackpotResponse,
} from '../../../../gen/ts/windfall/jackpot/v1/jackpot.ts';
import { definition } from '../../../catalogue/index.ts';
import { aggregateName, readRowsById, type Fact } from '../../../journal/index.ts';
import type { Caller, OperatorNo } from '../../../kernel/index.ts';
import type { Source } from '../../../live/index.ts';
import { read, type Platform } from '../../../platform/index.ts';
import { jackpot, jackpotHits, recentHits } from '../entities.ts';
import { paidWin, potPaid } from '../pot-ends.ts';
import { hitMessage } from '../view.ts';
import { hitOf, HITS_SHOWN, jackpotWon, type Payout, type ShownWin } from '../winning.ts';
import { findJackpot } from './get-jackpot.ts';

/** Streams a jackpot's state and its hits, the same for all watchers. */
export const watchJackpot = read(
  JackpotServiceService.watchJackpot,
  (platform) =>
    ({ id, lastEventId }, { caller: { operator }, signal }) =>
      platform.live.watch<WatchJackpotResponse>(
        `${operator}/jackpot/${id}`,
        () => sourceOf(platform, operator, id),
        lastEventId,
        signal,
      ),
);

async function sourceOf(platform: Platform, operator: OperatorNo, id: string): Promise<Source<Jackpot>> {
  const anyone: Caller = { role: 'anonymous', operator, brand: null, scopes: new Set(), userId: null, name: '' };
  const find = (): ReturnType<typeof findJackpot> => findJackpot(platform, { id, version: 0 }, anyone);
  const { shown } = await find();
  const row = Number(shown.content.jackpot);
  return {
    operator,
    aggregate: aggregateName(jackpot, row),
    others: () => [aggregateName(definition, shown.definitionId)],
    kinds: [jackpotWon.number, potPaid.number],
    async state() {
      return (await find()).message();
    },
    async recent() {
      const [stored] = await platform.reads((em) => readRowsById(em, jackpotHits, operator, [row]));
      const operations = recentHits(stored?.recent ?? '').map(({ operationId }) => operationId);
      return { operations, complete: operations.length < HITS_SHOWN };
    },
    heartbeat: { eventId: undefined, hitsMissed: false, event: undefined } satisfies WatchJackpotResponse,
    showState: (jackpot, eventId, hitsMissed): WatchJackpotResponse => ({
      eventId,
      hitsMissed,
      event: { $case: 'jackpot', value: jackpot },
    }),
    announce: ({ fact, id: operationId, time }, eventId): WatchJackpotResponse => ({
      eventId,
      hitsMissed: false,
      event: { $case: 'hit', value: hitMessage(hitOf(winOf(fact), { operationId, time }), undefined) },
    }),
  };
}

/** What an announced fact tells. */
const winOf = ({ kind, data }: Fact): ShownWin => (kind === potPaid ? paidWin(data as PotPaid) : (data as Payout));
