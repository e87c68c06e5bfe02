import { JourneyAdvanced } from '../../../../gen/ts/windfall/facts/v1/journey.ts';
import { JourneyServiceService, type FireEventResponse } from '../../../../gen/ts/windfall/journey/v1/journey.ts';
import { lookAtShelf, requireShelf, type Shelf } from '../../../catalogue/index.ts';
import { defineFact, type Command, type Fact, type Snapshot } from '../../../journal/index.ts';
import { chain, invalid, toNumber } from '../../../kernel/index.ts';
import { write } from '../../../platform/index.ts';
import { checkPlay, playNeeds } from '../../../players/index.ts';
import { award, createGrants, rewardMessage, rewardNeeds } from '../../../rewards/index.ts';
import { journeys, WINZ } from '../definition.ts';
import { progress, progressCode, progressId } from '../entities.ts';
import { action, advance, possibleRewards, rewardsOf, START, type Journey, type JourneyEvent } from '../rules.ts';

/** An event has moved a player in a journey. Its transfers are the rewards. */
export const journeyAdvanced = defineFact<JourneyAdvanced>({
  name: 'journey.advanced',
  number: 1502,
  version: 1,
  aggregate: progress,
  codec: JourneyAdvanced,
  players: ({ player }) => [Number(player)],
  evolve(data, rows, at) {
    const row = rows.edit(progress, at.aggregate);
    if (row.code === '') {
      row.code = progressCode(data.place, Number(data.player));
      row.playerId = Number(data.player);
      row.brandId = Number(data.brand);
      row.startedAt = at.time;
    }
    row.status = data.action;
    row.steps = data.currentStep;
    if (data.action !== action.expired) row.steppedAt = at.time;
    createGrants(data.granted, rows, at);
  },
});

export interface EventRequest extends JourneyEvent {
  readonly player: number;
  readonly brand: number;
  /** All active journeys. */
  readonly shelf: Shelf<Journey>;
  /** Those that have a step with the trigger. */
  readonly journeys: readonly Journey[];
  /** Whether the player has done something: false for what the service itself has noticed. */
  readonly byPlayer: boolean;
}

export interface EventAnswer {
  /** Empty: the event changed nothing. */
  readonly operationId: string;
  /** Microseconds since 1970. */
  readonly time: number;
  readonly advanced: readonly JourneyAdvanced[];
  readonly replayed: boolean;
}

/** Tells all journeys of an event: each moves by at most one step. */
export const firing: Command<EventRequest, EventAnswer> = {
  name: 'journey.fire-event',
  active: ({ player, byPlayer }) => (byPlayer ? player : 0),
  needs({ player, journeys: matching, trigger }, rows) {
    lookAtShelf(journeys, rows);
    playNeeds(rows, player, matching.length > 0);
    for (const journey of matching) {
      rows.lockCode(progress, progressCode(journey.place, player));
      rewardNeeds(rows, player, possibleRewards(journey, trigger));
    }
  },
  decide(request, snapshot) {
    requireShelf(journeys, request.shelf, snapshot);
    checkPlay(snapshot, request.player, []);
    const facts: Fact<JourneyAdvanced>[] = [];
    for (const journey of request.journeys) {
      const fact = advanceFact(journey, request, facts, snapshot);
      if (fact !== null) facts.push(fact);
    }
    return facts;
  },
  answer: ({ id, time, facts }, replayed) => ({
    operationId: id,
    time,
    replayed,
    advanced: facts.map(({ data }) => data as JourneyAdvanced),
  }),
};

function advanceFact(
  journey: Journey,
  { player, brand, ...event }: EventRequest,
  before: readonly Fact<JourneyAdvanced>[],
  snapshot: Snapshot,
): Fact<JourneyAdvanced> | null {
  const { definitionId, place, version, code, content } = journey;
  const stored = snapshot.find(progress, progressCode(place, player));
  const position = stored === undefined ? START : snapshot.row(progress, stored);
  const after = advance(content, position, event, snapshot.now);
  if (after === null) return null;
  const rewards = rewardsOf(journey, position, after);
  const { transfers, granted, tasks } = award(
    snapshot,
    definitionId,
    [{ player, rewards }],
    undefined,
    before.flatMap(({ data }) => data.granted),
  );
  const data: JourneyAdvanced = {
    place,
    version,
    code,
    granted,
    definition: BigInt(definitionId),
    name: content.name,
    steps: content.steps.length,
    player: BigInt(player),
    brand: BigInt(brand),
    action: after.status,
    currentStep: after.steps,
    winz: rewards.reduce((sum, { asset, amount }) => (asset === WINZ ? sum + amount : sum), 0n),
    rewards,
  };
  const id = stored ?? progressId(place, player);
  return { kind: journeyAdvanced, id, creates: stored === undefined, data, transfers, tasks };
}

/** The journeys of a shelf, by the triggers of their steps. */
const byTrigger = new WeakMap<Shelf, ReadonlyMap<string, readonly Journey[]>>();

/** The journeys that have a step with a trigger. */
export function journeysWith(shelf: Shelf<Journey>, trigger: string): readonly Journey[] {
  let found = byTrigger.get(shelf);
  if (found === undefined) {
    const pairs = shelf.definitions.flatMap((one) =>
      [...new Set(one.content.steps.map((step) => step.trigger))].map((name) => [name, one] as const),
    );
    const grouped = Map.groupBy(pairs, ([name]) => name);
    found = new Map([...grouped].map(([name, group]) => [name, group.map(([, one]) => one)]));
    byTrigger.set(shelf, found);
  }
  return found.get(trigger) ?? [];
}

const ATTRIBUTES_MAX = 64;

/** Tells all active journeys of an event of a player. */
export const fireEvent = write({
  method: JourneyServiceService.fireEvent,
  command: () => firing,
  player: (request) => request,
  prepare({ trigger, attributes = {} }, { platform, caller, who: { player, brandId }, fresh }) {
    if (Object.keys(attributes).length > ATTRIBUTES_MAX)
      throw invalid('attributes', `must be at most ${ATTRIBUTES_MAX}`);
    return chain(platform.definitions.active(journeys, caller.operator, fresh), (shelf) => ({
      route: player,
      request: {
        player,
        brand: brandId,
        shelf,
        trigger,
        attributes,
        journeys: journeysWith(shelf, trigger),
        byPlayer: true,
      },
    }));
  },
  respond: firedMessage,
});

const ACTIONS = new Map<number, string>(Object.entries(action).map(([name, number]) => [number, name]));

function firedMessage({ operationId, time, advanced, replayed }: EventAnswer): FireEventResponse {
  return {
    affected: advanced.map(({ code, name, currentStep, winz, steps, version, rewards, ...moved }) => ({
      currentStep,
      steps,
      journeyId: code,
      journeyName: name,
      action: ACTIONS.get(moved.action)!,
      rewardWinzGranted: toNumber(winz),
      journeyVersion: version,
      rewards: rewards.map(rewardMessage),
    })),
    eventId: operationId || undefined,
    eventTime: new Date(time / 1000),
    deduped: replayed,
  };
}
