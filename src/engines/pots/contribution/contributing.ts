import type { JackpotContributedV2 } from '../../../../gen/ts/windfall/facts/v1/jackpot.ts';
import type { PotsRefused } from '../../../../gen/ts/windfall/facts/v1/pots.ts';
import { SeedSecrets, type MasterKeys } from '../../../fairness/index.ts';
import { account, accountId, type Command, type Fact, type Snapshot } from '../../../journal/index.ts';
import { ApiError } from '../../../kernel/index.ts';
import { playNeeds } from '../../../players/index.ts';
import {
  contributionNeeds,
  jackpotContributed,
  jackpotWon,
  optIn,
  optInCode,
  type Payout,
} from '../../jackpot/index.ts';
import { calledBack } from './callback.ts';
import type { Accepted, Outcome, PotsAnswer } from './outcome.ts';
import { NOTHING_TAKEN, partOf, type Part, type PotsRequest } from './part.ts';

/** A whole, in millionths. */
const ONE = 1_000_000n;

/** Contributes to an instance, and to those that it is linked to. */
export function potsContributing(keys: MasterKeys): Command<PotsRequest, PotsAnswer> {
  const secrets = new SeedSecrets(keys);
  return {
    name: 'pots.contribute',
    active: ({ player }) => player,
    needs({ player, asset, instances }, rows) {
      const pays = instances.some(({ bound }) => bound.jackpot.operatorShare < ONE);
      playNeeds(rows, player, pays);
      if (pays || instances.some(({ drawn }) => drawn)) rows.lock(account, accountId('player', player, asset));
      for (const jackpot of instances) {
        contributionNeeds(jackpot, player, rows);
        rows.lockCode(optIn, optInCode(jackpot.id, player));
      }
    },
    decide: (request, snapshot) => decide(request, secrets, snapshot),
    answer: ({ id, time, facts }) => ({ operationId: id, time, outcomes: outcomesOf(facts) }),
  };
}

function decide(request: PotsRequest, secrets: SeedSecrets, snapshot: Snapshot): Fact[] {
  const { callback, instances } = request;
  if (callback === undefined) return contributed(request, secrets, snapshot);
  const { id } = instances[0]!;
  try {
    const facts = contributed(request, secrets, snapshot);
    const told = outcomesOf(facts).flatMap((outcome) =>
      'win' in outcome
        ? calledBack(callback, id, { contributed: outcome, win: outcome.win })
        : calledBack(callback, id, { cause: outcome.cause }),
    );
    return [...facts, ...told];
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return calledBack(callback, id, { cause: error.message });
  }
}

function contributed(request: PotsRequest, secrets: SeedSecrets, snapshot: Snapshot): Fact[] {
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
      outcomes[place] = { ...instance!, win: null };
      for (const one of instance!.refused) outcomes[one.place] = one;
    } else if (kind.number === jackpotWon.number) {
      const { potCode: pot, amount } = data as Payout;
      outcomes[place] = { ...(outcomes[place] as Accepted), win: { pot, amount } };
    }
  }
  return outcomes;
}
