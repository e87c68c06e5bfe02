import type { JackpotContributedV2 } from '../../../../gen/ts/windfall/facts/v1/jackpot.ts';
import type { PotsRefused } from '../../../../gen/ts/windfall/facts/v1/pots.ts';
import type { PotsTicketsEarned } from '../../../../gen/ts/windfall/facts/v1/pots_raffle.ts';
import { SeedSecrets, type MasterKeys } from '../../../fairness/index.ts';
import type { Command, Fact, Operation, Snapshot } from '../../../journal/index.ts';
import { ApiError } from '../../../kernel/index.ts';
import { jackpotContributed, jackpotWon, type Payout } from '../../jackpot/index.ts';
import { ticketsEarned } from '../raffle/earning.ts';
import { reservedBy } from '../wallet/reserved.ts';
import { reservation } from '../wallet/reserving.ts';
import { calledBack } from './callback.ts';
import { contributingNeeds } from './needs.ts';
import type { Accepted, Outcome, PotsAnswer } from './outcome.ts';
import { NOTHING_TAKEN, partOf, type Part, type PotsRequest } from './part.ts';

/** Contributes to an instance, and to those that it is linked to; or reserves that for an HTTP wallet. */
export function potsContributing(keys: MasterKeys): Command<PotsRequest, PotsAnswer> {
  const secrets = new SeedSecrets(keys);
  return {
    name: 'pots.contribute',
    active: ({ player }) => player,
    needs: contributingNeeds,
    decide: (request, snapshot) => decide(request, secrets, snapshot),
    answer: answerOf,
  };
}

/** What an operation has contributed, or reserved. */
export const answerOf = (operation: Operation, replayed: boolean): PotsAnswer => ({
  replayed,
  operationId: operation.id,
  time: operation.time,
  outcomes: outcomesOf(operation.facts),
  reserved: reservedBy(operation),
});

function decide(request: PotsRequest, secrets: SeedSecrets, snapshot: Snapshot): Fact[] {
  const { callback, instances } = request;
  if (callback === undefined) return factsOf(request, secrets, snapshot);
  try {
    const facts = factsOf(request, secrets, snapshot);
    return [...facts, ...toldOf(request, facts)];
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return calledBack(callback, instances[0]!.id, { cause: error.message });
  }
}

const factsOf = (request: PotsRequest, secrets: SeedSecrets, snapshot: Snapshot): Fact[] =>
  request.wallet === undefined
    ? contributed(request, secrets, snapshot)
    : [{ ...reservation(request, snapshot), creates: true }];

/** The facts by which the results of a contribution are sent. */
export function toldOf({ callback, instances }: PotsRequest, facts: readonly Fact[]): Fact[] {
  if (callback === undefined) return [];
  const { id } = instances[0]!;
  return outcomesOf(facts).flatMap((outcome) =>
    'win' in outcome
      ? calledBack(callback, id, { contributed: outcome, win: outcome.win, tickets: outcome.tickets })
      : calledBack(callback, id, { cause: outcome.cause }),
  );
}

/** The facts of a contribution. Throws CONTRIBUTION_REJECTED, and StaleVersionError. */
export function contributed(request: PotsRequest, secrets: SeedSecrets, snapshot: Snapshot): Fact[] {
  const target = partOf(request, 0, NOTHING_TAKEN, secrets, snapshot);
  let last = target;
  const linked: Part[] = [];
  const refused: PotsRefused[] = [];
  for (let place = 1; place < request.instances.length; place++) {
    try {
      linked.push((last = partOf(request, place, last, secrets, snapshot)));
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      refused.push({ place, instance: request.instances[place]!.code, cause: error.message });
    }
  }
  const [first, ...wins] = target.facts;
  const { data } = first as Fact<JackpotContributedV2>;
  const whole = refused.length === 0 ? data : { ...data, instance: { ...data.instance!, refused } };
  return [{ ...first!, data: whole }, ...wins, ...linked.flatMap(({ facts }) => facts), ...last.counted];
}

function outcomesOf(facts: readonly Fact[]): Outcome[] {
  const outcomes: Outcome[] = [];
  let place = 0;
  for (const { kind, data } of facts) {
    if (kind.number === jackpotContributed.number) {
      const { instance } = data as JackpotContributedV2;
      place = instance!.place;
      outcomes[place] = { ...instance!, win: null, tickets: null };
      for (const one of instance!.refused) outcomes[one.place] = one;
    } else if (kind.number === ticketsEarned.number) {
      const { tickets, place: of } = data as PotsTicketsEarned;
      outcomes[of] = { ...(outcomes[of] as Accepted), tickets: Number(tickets) };
    } else if (kind.number === jackpotWon.number) {
      const { potCode: pot, amount, withheld = false } = data as Payout;
      outcomes[place] = { ...(outcomes[place] as Accepted), win: { pot, amount, withheld } };
    }
  }
  return outcomes;
}
