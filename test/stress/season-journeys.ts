import type { JsonObject } from '@bufbuild/protobuf';
import { micros, type CallerModel, type EngineModel, type JournalModel, type Sent } from './season-engine.ts';

const JOURNEYS = 8;
const TRIGGERS = ['wager', 'deposit', 'level_up', 'spin'];
const WORDS = ['a', 'b', 'c'];
/** What a step grants, in some of them, and the end, in WINZ. */
const STEP_WINZ = '0.25';
const END_WINZ = '12.5';

interface Terms {
  readonly trigger: string;
  readonly conditions: JsonObject[];
  readonly pays: boolean;
  readonly grants: boolean;
}

/** The steps of a journey: made of numbers, so that they are the same in every run. */
const stepsOf = (journey: number): Terms[] =>
  Array.from({ length: 34 + journey * 2 }, (_, i) => {
    const n = journey * 31 + i * 7;
    const conditions: JsonObject[][] = [
      [],
      [{ attribute: 'n', op: 'gte', value: n % 6 }],
      [{ attribute: 's', op: 'eq', value: WORDS[n % 3]! }],
      [{ attribute: 's', op: 'in', value: [WORDS[n % 3]!, WORDS[(n + 1) % 3]!] }],
      [{ attribute: 'flag', op: 'exists', value: n % 2 === 0 }],
    ];
    return {
      trigger: TRIGGERS[(n >> 1) % TRIGGERS.length]!,
      conditions: conditions[n % conditions.length]!,
      pays: n % 5 === 0,
      grants: n % 23 === 0,
    };
  });

const ALL = Array.from({ length: JOURNEYS }, (_, i) => ({ id: `journey-${i}`, steps: stepsOf(i) }));

function holds({ attribute, op, value }: JsonObject, attributes: JsonObject): boolean {
  const given = attributes[attribute as string];
  if (op === 'exists') return (given !== undefined) === value;
  if (op === 'gte') return (given as number) >= (value as number);
  return op === 'eq' ? given === value : (value as unknown[]).includes(given);
}

/** How far players have come: by player, the steps of each journey. */
class Progress {
  readonly #players = new Map<string, number[]>();

  /** What an event comes to, as the answer's text. */
  fire({ user, request }: Sent): string {
    const steps = this.#of(user);
    const { trigger, attributes } = request as { trigger: string; attributes: JsonObject };
    const affected = ALL.flatMap((journey, i) => {
      const step = journey.steps[steps[i]!];
      if (step === undefined || step.trigger !== trigger) return [];
      if (!step.conditions.every((condition) => holds(condition, attributes))) return [];
      const done = steps[i]! + 1;
      const ends = done === journey.steps.length;
      const winz = micros(step.pays ? STEP_WINZ : '0') + micros(ends ? END_WINZ : '0');
      return [textOf(journey.id, ends ? 'completed' : 'advanced', done, winz, step.grants ? 1 : 0)];
    });
    return affected.join(';');
  }

  /** Moves to where an answer says that the player is: answers of calls that were sent again may be in any order. */
  move({ user, text }: Sent): void {
    const steps = this.#of(user);
    for (const [id, , done] of parts(text)) {
      const i = Number(id!.slice('journey-'.length));
      steps[i] = Math.max(steps[i]!, Number(done));
    }
  }

  #of(user: string): number[] {
    let steps = this.#players.get(user);
    if (steps === undefined) this.#players.set(user, (steps = ALL.map(() => 0)));
    return steps;
  }
}

const textOf = (id: string, action: string, done: number, winz: bigint, grants: number): string =>
  [id, action, done, winz, grants].join(' ');
const parts = (text: string): string[][] => (text === '' ? [] : text.split(';').map((one) => one.split(' ')));

/** Events that advance none, one or several journeys of a player. */
export const journeys: EngineModel = {
  name: 'journeys',
  rpcs: { one: 'JourneyService.FireEvent', many: 'JourneyService.BatchFireEvent', outcome: 'fired' },
  kinds: [1502],
  definitions: ALL.map(({ id, steps }) => [
    'JourneyService.CreateJourney',
    {
      id,
      reward_winz: Number(END_WINZ),
      steps: steps.map(({ trigger, conditions, pays, grants }) => ({
        trigger,
        conditions,
        rewards: [...(pays ? [{ asset: 'WINZ', amount: STEP_WINZ }] : []), ...(grants ? [{ item: 'badge' }] : [])],
      })),
    },
  ]),
  request(random) {
    const below = (n: number): number => Math.floor(random() * n);
    const trigger = random() < 0.02 ? 'nothing' : TRIGGERS[below(TRIGGERS.length)]!;
    const flag = below(2) === 0 ? { flag: true } : {};
    return { trigger, attributes: { n: below(6), s: WORDS[below(3)]!, ...flag } };
  },
  answerOf({ event_id: id, deduped, affected }) {
    const texts = (affected as any[]).map((one) =>
      textOf(
        one.journey_id,
        one.action,
        one.current_step,
        micros(one.reward_winz_granted),
        one.rewards.filter(({ kind }: { kind: string }) => kind === 'item').length,
      ),
    );
    return { id: (id as string | undefined) ?? '', deduped: deduped as boolean, text: texts.join(';') };
  },
  gain: ({ text }) => parts(text).reduce((sum, [, , , winz]) => sum + BigInt(winz!), 0n),
  contradiction: (request) => ({ ...request, trigger: `${String(request['trigger'])}-too` }),
  caller(): CallerModel {
    const progress = new Progress();
    return {
      take(sent, _, sure) {
        const expected = progress.fire(sent);
        progress.move(sent);
        if (sent.refused !== '') return `was refused ${sent.refused}`;
        return sure && sent.text !== expected ? `did "${sent.text}", the model says "${expected}"` : undefined;
      },
    };
  },
  journal(): JournalModel {
    const progress = new Progress();
    return {
      take(sent, facts) {
        const expected = progress.fire(sent);
        progress.move(sent);
        if (sent.text !== expected) return `is "${sent.text}", the model says "${expected}"`;
        return facts === parts(expected).length ? undefined : `has ${facts} facts`;
      },
    };
  },
};
