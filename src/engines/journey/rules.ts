/**
 * A journey is a list of steps. Each waits for an event with its trigger, whose attributes fulfil its conditions, in
 * the time between its delay and its expiry after the previous step. The last one completes the journey.
 */
import type { JourneyDefinition, JourneyCondition, JourneyStep } from '../../../gen/ts/windfall/facts/v1/journey.ts';
import type { VersionName } from '../../catalogue/index.ts';
import type { BoundReward } from '../../rewards/index.ts';

/** A version prepared for deciding. */
export interface Journey extends VersionName {
  readonly content: JourneyDefinition;
  /** Counts the operator's journeys from 1; 0: it was never active. */
  readonly place: number;
  /** What each step grants. */
  readonly stepRewards: readonly (readonly BoundReward[])[];
  /** What the last step grants besides: `reward_winz` and others. */
  readonly endRewards: readonly BoundReward[];
}

/** What has happened to a player. */
export interface JourneyEvent {
  readonly trigger: string;
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** How far a player has come. Times are microseconds since 1970. */
export interface Position {
  /** 0: not begun; otherwise of `action`. */
  readonly status: number;
  readonly steps: number;
  readonly steppedAt: number;
}

/** What an event does to a player in a journey; a position's status is the last one. The numbers are stored. */
export const action = { advanced: 1, completed: 2, expired: 3 } as const;

export const START: Position = { status: 0, steps: 0, steppedAt: 0 };

/** The step that a player has to do next: after later versions with fewer steps, the last one. */
export function currentStep(steps: readonly JourneyStep[], done: number): JourneyStep {
  return steps[Math.min(done, steps.length - 1)]!;
}

/** The player's next position; null: the event does not match. @param now microseconds since 1970. */
export function advance(
  { steps }: Pick<JourneyDefinition, 'steps'>,
  before: Position,
  { trigger, attributes }: JourneyEvent,
  now: number,
): Position | null {
  if (before.status > action.advanced) return null;
  const step = currentStep(steps, before.steps);
  if (step.trigger !== trigger || !step.conditions.every((condition) => holds(condition, attributes))) return null;
  if (before.steps > 0) {
    const since = now - before.steppedAt;
    if (step.delaySeconds > 0 && since < step.delaySeconds * 1_000_000) return null;
    if (step.expireSeconds > 0 && since > step.expireSeconds * 1_000_000) return { ...before, status: action.expired };
  }
  const isLast = before.steps >= steps.length - 1;
  return {
    status: isLast ? action.completed : action.advanced,
    steps: isLast ? Math.max(before.steps, steps.length) : before.steps + 1,
    steppedAt: now,
  };
}

/** What a step to `after` grants. Those of a step are granted to a player who has not completed so many before. */
export function rewardsOf(
  { stepRewards, endRewards }: Pick<Journey, 'stepRewards' | 'endRewards'>,
  before: Position,
  after: Position,
): readonly BoundReward[] {
  const own = after.steps > before.steps ? stepRewards[after.steps - 1]! : [];
  return after.status === action.completed ? [...own, ...endRewards] : own;
}

/** All that events with a trigger can grant. */
export function possibleRewards({ content, stepRewards, endRewards }: Journey, trigger: string): BoundReward[] {
  const last = content.steps.length - 1;
  return content.steps.flatMap((step, i) =>
    step.trigger === trigger ? [...stepRewards[i]!, ...(i === last ? endRewards : [])] : [],
  );
}

/** Whether an event's attributes fulfil a condition. */
export function holds(
  { attribute, op, value }: JourneyCondition,
  attributes: Readonly<Record<string, unknown>>,
): boolean {
  const exists = Object.hasOwn(attributes, attribute);
  if (op === 'exists') return exists === value;
  if (!exists) return false;
  const given = attributes[attribute];
  switch (op) {
    case 'eq':
      return given === value;
    case 'ne':
      return given !== value;
    case 'in':
      return (value as readonly unknown[]).includes(given);
    default:
      return typeof given === 'number' && compares(op, given, value as number);
  }
}

function compares(op: string, a: number, b: number): boolean {
  switch (op) {
    case 'gt':
      return a > b;
    case 'gte':
      return a >= b;
    case 'lt':
      return a < b;
    default:
      return a <= b;
  }
}

/** Why the steps of a definition are not valid; undefined: they are. Beyond what the field rules express. */
export function stepIssue(
  steps: readonly JourneyStep[],
): { readonly field: string; readonly must: string } | undefined {
  for (const [i, { conditions, delaySeconds, expireSeconds }] of steps.entries()) {
    const field = (name: string): string => `steps[${i}].${name}`;
    if (i === 0 && delaySeconds > 0) return { field: field('delay_seconds'), must: 'must be 0 for the first step' };
    if (i === 0 && expireSeconds > 0) return { field: field('expire_seconds'), must: 'must be 0 for the first step' };
    if (expireSeconds > 0 && delaySeconds >= expireSeconds)
      return { field: field('delay_seconds'), must: 'must be below expire_seconds' };
    for (const [n, condition] of conditions.entries()) {
      const must = valueIssue(condition);
      if (must !== undefined) return { field: field(`conditions[${n}].value`), must };
    }
  }
  return undefined;
}

const TEXT_MAX = 256;
const LIST_MAX = 100;

const isNumber = (value: unknown): boolean => typeof value === 'number';
const isShort = (value: unknown): boolean => typeof value === 'string' && value.length <= TEXT_MAX;

function valueIssue({ op, value }: JourneyCondition): string | undefined {
  switch (op) {
    case 'exists':
      return typeof value === 'boolean' ? undefined : 'must be true or false for exists';
    case 'eq':
    case 'ne':
      return isNumber(value) || isShort(value) || typeof value === 'boolean'
        ? undefined
        : `must be a number, a boolean, or a string of at most ${TEXT_MAX} characters`;
    case 'in':
      return Array.isArray(value) &&
        value.length > 0 &&
        value.length <= LIST_MAX &&
        value.every((one) => isNumber(one) || isShort(one))
        ? undefined
        : `must be a list of 1 to ${LIST_MAX} numbers, or strings of at most ${TEXT_MAX} characters`;
    default:
      return isNumber(value) ? undefined : 'must be a number';
  }
}
