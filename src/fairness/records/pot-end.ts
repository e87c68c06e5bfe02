import { formatDecimal, invalid, type Micros } from '../../kernel/index.ts';
import { JsonReader } from '../json-reader.ts';
import { bindPotEnd, drawEndTime, drawPoint, type EndRange, type PotEnd, type PotEndKind } from '../pot-end.ts';
import { checkConfig, type Given, type Recipe } from './given.ts';
import { timeText } from './record.ts';
import { readTime } from './times.ts';

/** How a pot was paid by a draw among all who fed it. */
export interface PotEndOutcome extends PotEnd {
  /** C(k−1), 64 hex digits. */
  readonly chain: string;
  /** When the point was drawn, in microseconds since 1970. */
  readonly closedAt: number;
  /** By when the cycle ended, in microseconds since 1970; 0: at no time. */
  readonly dueAt: number;
  /** The time of a hidden end; 0: it was not hidden. */
  readonly hiddenTime: number;
  readonly point: Micros;
  readonly words: number;
  /** The operation of the contribution that has brought the point, and the running sums around it. */
  readonly contribution: string;
  readonly sumBefore: Micros;
  readonly sumAfter: Micros;
  /** What the winner got of the pot's value, and of its reserve. */
  readonly value: Micros;
  readonly reserve: Micros;
  readonly withheld: boolean;
}

/** The outcome's canonical text. */
export function potEndText(outcome: PotEndOutcome): string {
  const { chain, closedAt, contribution, cycle, dueAt, end, hidden, hiddenTime, point, pot, withheld, words } = outcome;
  const { reserve, sum, sumAfter, sumBefore, value } = outcome;
  const hiddenEnd = hidden === null ? 'null' : `{"from":${hidden.from},"time":${hiddenTime},"to":${hidden.to}}`;
  return (
    `{"chain":"${chain}","close_time":"${timeText(closedAt)}","contribution":"${contribution}","cycle":${cycle},` +
    `"due_time":"${dueAt === 0 ? '' : timeText(dueAt)}","end":"${end}","hidden_end":${hiddenEnd},` +
    `"point":"${formatDecimal(point)}","pot":${JSON.stringify(pot)},"reserve":"${formatDecimal(reserve)}",` +
    `"sum":"${formatDecimal(sum)}","sum_after":"${formatDecimal(sumAfter)}","sum_before":"${formatDecimal(sumBefore)}",` +
    `"value":"${formatDecimal(value)}","withheld":${withheld},"won":"${formatDecimal(value + reserve)}","words":${words}}`
  );
}

const HASH = /^[0-9a-f]{64}$/;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Parses the text that `bindPotEnd` hashes. */
function readPotEnd(config: string): PotEnd {
  const json = JsonReader.parse(config, 'config');
  const end = json.member('end').matching(/^(time|final)$/) as PotEndKind;
  const sum = json.member('sum').amount();
  if (sum === 0n) throw invalid('config.sum', 'is nothing to draw from');
  const hidden = json.member('hidden');
  if (end === 'final' && !hidden.isNull()) throw invalid('config.hidden', 'is only of a time');
  return {
    end,
    sum,
    cycle: json.member('cycle').integer(1, Number.MAX_SAFE_INTEGER),
    hidden: hidden.isNull() ? null : rangeOf(hidden),
    pot: json.member('pot').matching(/./),
  };
}

function rangeOf(json: JsonReader): EndRange {
  const from = json.member('from').integer(0, Number.MAX_SAFE_INTEGER);
  return { from, to: json.member('to').integer(from, Number.MAX_SAFE_INTEGER) };
}

/** Pots that are drawn among all who fed them: at the end of their time, or finally. */
export const potEndRecipe: Recipe = {
  stream: 'pot',
  player: true,
  origins: [],
  outcome(given) {
    const { check, stated, head } = given;
    const bound = bindPotEnd(readPotEnd(given.config));
    checkConfig(given, bound);
    const { end, pot, cycle, sum } = bound.end;
    const chain = stated.member('chain').matching(HASH);
    const draw = given.draw(0, chain);
    const point = drawPoint(draw, bound);
    const amount = (name: string): Micros => stated.member(name).amount();
    const [before, after] = [amount('sum_before'), amount('sum_after')];
    check.holds('record.outcome.sum_before', before <= point, 'is beyond the point');
    check.holds('record.outcome.sum_after', point < after && after <= sum, 'does not hold the point');
    const [value, reserve] = [amount('value'), amount('reserve')];
    check.holds('record.outcome.reserve', end === 'final' || reserve === 0n, 'is won only in a final draw');
    const closedAt = readTime(stated.member('close_time'));
    check.holds('record.outcome.close_time', closedAt <= head.time, 'is after the payment');
    check.holds('record.outcome.close_time', head.seedReadableSince <= closedAt, 'is before the seed could be read');
    return {
      chain,
      end,
      pot,
      cycle,
      close_time: stated.member('close_time').string(),
      contribution: stated.member('contribution').matching(UUID),
      ...timesOf(given, bound.end, closedAt),
      point: formatDecimal(point),
      reserve: formatDecimal(reserve),
      sum: formatDecimal(sum),
      sum_after: formatDecimal(after),
      sum_before: formatDecimal(before),
      value: formatDecimal(value),
      withheld: stated.member('withheld').boolean(),
      won: formatDecimal(value + reserve),
      words: draw.wordsConsumed,
    };
  },
};

/** When the cycle was to end: of its own accord, or at a hidden time that follows from the seed. */
function timesOf({ check, stated, serverSeed }: Given, { end, hidden }: PotEnd, closedAt: number): object {
  if (end === 'final') return { due_time: '', hidden_end: null };
  const dueAt = readTime(stated.member('due_time'));
  const due_time = stated.member('due_time').string();
  if (hidden === null) {
    check.holds('record.outcome.close_time', closedAt >= dueAt, 'is before the end');
    return { due_time, hidden_end: null };
  }
  check.holds('record.outcome.due_time', hidden.to === Math.floor(dueAt / 1000), 'is not the last hidden time');
  const time = drawEndTime(serverSeed, hidden);
  check.holds('record.outcome.close_time', closedAt >= time * 1000, 'is before the hidden end');
  return { due_time, hidden_end: { from: hidden.from, time, to: hidden.to } };
}
