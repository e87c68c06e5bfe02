import { JourneyDefinition, type JourneyStep } from '../../../gen/ts/windfall/facts/v1/journey.ts';
import type { StoredReward } from '../../../gen/ts/windfall/facts/v1/reward.ts';
import type {
  CreateJourneyRequest,
  Journey as JourneyMessage,
  StepInput,
  UpdateJourneyRequest,
} from '../../../gen/ts/windfall/journey/v1/journey.ts';
import { defineDefinition } from '../../catalogue/index.ts';
import { fromNumber, invalid, toNumber, type Micros } from '../../kernel/index.ts';
import { bindRewards, rewardKind, rewardMessage, rewardOf } from '../../rewards/index.ts';
import { journey } from './entities.ts';
import { opening } from './opening.ts';
import { stepIssue, type Journey } from './rules.ts';

/** The row that counts the changes of all journeys. */
const SHELF = 1500;

/** Journeys' definitions: an update sets the fields that are present, and replaces the steps as a whole. */
export const journeys = defineDefinition<
  JourneyDefinition,
  Journey,
  CreateJourneyRequest,
  UpdateJourneyRequest,
  Partial<JourneyMessage>
>({
  engine: 'journey',
  nouns: { one: 'Journey', many: 'Journeys' },
  reasons: { notFound: 'JOURNEY_NOT_FOUND', notActive: 'JOURNEY_NOT_ACTIVE' },
  format: 1,
  encode: (content) => JourneyDefinition.encode(content).finish(),
  read: (_, bytes) => JourneyDefinition.decode(bytes),
  create: async ({ id, name, steps, rewardWinz, rewards }, newId) => ({
    journey: BigInt(await newId()),
    name: name || id,
    steps: stepsOf(steps),
    rewardWinz: winzOf(rewardWinz),
    rewards: rewards.map(rewardOf),
  }),
  update: (before, { name, steps, rewardWinz, rewards }) => ({
    ...before,
    name: name ?? before.name,
    steps: steps.length === 0 ? before.steps : stepsOf(steps),
    rewardWinz: rewardWinz === undefined ? before.rewardWinz : winzOf(rewardWinz),
    rewards: rewards === undefined ? before.rewards : rewards.rewards.map(rewardOf),
  }),
  configHash: () => new Uint8Array(),
  bind({ content, ...name }, tenant, rows) {
    const assetNo = (code: string): number => tenant.assetNo(code);
    return {
      ...name,
      content,
      place: rows?.row(journey, Number(content.journey)).place ?? 0,
      stepRewards: content.steps.map(({ rewards }) => bindRewards(rewards, assetNo)),
      endRewards: bindRewards([...winzReward(content.rewardWinz), ...content.rewards], assetNo),
    };
  },
  binds: ({ journey: id }) => [[journey, Number(id)]],
  show: ({ content: { name, steps, rewardWinz, rewards } }) => ({
    name,
    steps: steps.map((step) => ({ ...step, rewards: step.rewards.map(rewardMessage) })),
    rewardWinz: toNumber(rewardWinz),
    rewards: rewards.map(rewardMessage),
  }),
  shelf: SHELF,
  opening,
});

function stepsOf(steps: readonly StepInput[]): JourneyStep[] {
  const stored = steps.map((step) => ({
    ...step,
    name: step.name || step.trigger,
    rewards: step.rewards.map(rewardOf),
  }));
  const issue = stepIssue(stored);
  if (issue !== undefined) throw invalid(issue.field, issue.must);
  return stored;
}

/** The asset of `reward_winz`. */
export const WINZ = 'WINZ';

/** `reward_winz` as a reward; none if it is 0. */
function winzReward(amount: Micros): StoredReward[] {
  if (amount === 0n) return [];
  return [{ kind: rewardKind.asset, asset: WINZ, amount, item: '', quantity: 0n, expiresAfterSeconds: 0n }];
}

function winzOf(amount: number): Micros {
  const micros = fromNumber(amount);
  if (micros === undefined) throw invalid('reward_winz', 'must have at most 6 decimals');
  return micros;
}
