import { JourneyDefinition, type JourneyStep } from '../../../gen/ts/windfall/facts/v1/journey.ts';
import type {
  CreateJourneyRequest,
  Journey as JourneyMessage,
  Step,
  UpdateJourneyRequest,
} from '../../../gen/ts/windfall/journey/v1/journey.ts';
import { defineDefinition } from '../../catalogue/index.ts';
import { fromNumber, invalid, toNumber, type Micros } from '../../kernel/index.ts';
import { journey } from './entities.ts';
import { opening } from './opening.ts';
import { stepIssue, type Journey } from './rules.ts';

/** The asset of `reward_winz`. */
const WINZ = 'WINZ';
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
  create: async ({ id, name, steps, rewardWinz }, newId) => ({
    journey: BigInt(await newId()),
    name: name || id,
    steps: stepsOf(steps),
    rewardWinz: winzOf(rewardWinz),
  }),
  update: (before, { name, steps, rewardWinz }) => ({
    ...before,
    name: name ?? before.name,
    steps: steps.length === 0 ? before.steps : stepsOf(steps),
    rewardWinz: rewardWinz === undefined ? before.rewardWinz : winzOf(rewardWinz),
  }),
  configHash: () => new Uint8Array(),
  bind: ({ content, ...name }, tenant, rows) => ({
    ...name,
    content,
    place: rows?.row(journey, Number(content.journey)).place ?? 0,
    winz: content.rewardWinz === 0n ? null : tenant.assetNo(WINZ),
  }),
  binds: ({ journey: id }) => [[journey, Number(id)]],
  show: ({ content: { name, steps, rewardWinz } }) => ({ name, steps: [...steps], rewardWinz: toNumber(rewardWinz) }),
  shelf: SHELF,
  opening,
});

function stepsOf(steps: readonly Step[]): JourneyStep[] {
  const stored = steps.map((step) => ({ ...step, name: step.name || step.trigger }));
  const issue = stepIssue(stored);
  if (issue !== undefined) throw invalid(issue.field, issue.must);
  return stored;
}

function winzOf(amount: number): Micros {
  const micros = fromNumber(amount);
  if (micros === undefined) throw invalid('reward_winz', 'must have at most 6 decimals');
  return micros;
}
