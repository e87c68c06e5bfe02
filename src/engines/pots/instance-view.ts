import type { JackpotDefinitionV2, PotDefinitionV2 } from '../../../gen/ts/windfall/facts/v1/jackpot.ts';
import type { PotsTemplatePot } from '../../../gen/ts/windfall/facts/v1/pots.ts';
import type { InstancePot, JackpotInstance } from '../../../gen/ts/windfall/pots/v1/instance.ts';
import type { ShownRows, Status } from '../../catalogue/index.ts';
import { toNumber } from '../../kernel/index.ts';
import { jackpot, pot as pots } from '../jackpot/index.ts';
import { shareMessage } from './numbers.ts';
import { raffleMessage } from './raffle/rules.ts';
import { potMessage, rulesMessage } from './template-view.ts';

/** The documented words for the statuses of definitions. */
export const STATUS_WORDS: Readonly<Record<Status, string>> = {
  draft: 'Pending',
  active: 'Active',
  paused: 'Paused',
  archived: 'Terminated',
};

type FromContent = Omit<
  JackpotInstance,
  | 'id'
  | 'status'
  | 'ownerId'
  | 'version'
  | 'created'
  | 'timestampStart'
  | 'lastUpdated'
  | 'allowedBrands'
  | 'linkedInstances'
  | 'recurrenceRules'
  | 'raffleRound'
>;

/** What the message of an instance has of its content and its rows. */
export function instanceMessage(content: JackpotDefinitionV2, rows: ShownRows): FromContent {
  const { name, asset, operatorShare, instance } = content;
  const { template, gameCode, description, rules, selector, endsAt, raffle } = instance!;
  const head = rows.row(jackpot, Number(content.jackpot));
  return {
    name,
    description,
    gameCode,
    templateId: template,
    currency: asset,
    contributionRules: rulesMessage({ ...rules!, operatorShare }),
    housePot: { contribution: shareMessage(rules!.house!), currentValue: toNumber(head.house) },
    jackpotType: raffle === undefined ? 'Jackpot' : 'Raffle',
    raffleRules: raffle && raffleMessage(raffle),
    pots: content.pots.map((pot) => instancePot(pot, rows)),
    winSelectorStrategy: selector || undefined,
    totalContributions: head.contributions,
    timestampEnd: endsAt === 0n ? undefined : Number(endsAt),
  };
}

function instancePot(pot: PotDefinitionV2, rows: ShownRows): InstancePot {
  const { isProgressive, ...message } = potMessage(asTemplatePot(pot));
  const { value, reserve, surplus, cycle, starts, wonAt } = rows.row(pots, Number(pot.pot));
  return {
    ...message,
    isProgressive: isProgressive!,
    currentValue: toNumber(value),
    seedValue: toNumber(reserve),
    surplusSeedValue: toNumber(surplus),
    instantiationCount: pot.maxStarts === 0 ? cycle : Math.min(starts, pot.maxStarts),
    lastWinTimestamp: wonAt === 0 ? undefined : Math.floor(wonAt / 1000),
  };
}

/** A jackpot's pot in the form that templates have. */
const asTemplatePot = ({ share, fixedShare, maxValue, ...pot }: PotDefinitionV2): PotsTemplatePot => ({
  ...pot,
  share: { isFixed: fixedShare > 0n, fixed: fixedShare, percentage: share },
  maxValue: maxValue ?? 0n,
});
