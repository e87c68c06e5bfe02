import { formatDecimal, invalid } from '../kernel/index.ts';
import { bindConfig, type BoundConfig } from './config-hash.ts';
import { Draw } from './draw.ts';
import { JsonReader } from './json-reader.ts';

/** The range of the hidden trigger of a pot's cycle, including both ends. */
export interface TriggerRange {
  /**
   * `value`: the pot drops when its value reaches the trigger, in micro-units. `time`: at a time, in Unix
   * milliseconds.
   */
  readonly kind: 'value' | 'time';
  /** The value that the cycle starts with, or the time of its start. Zero or more. */
  readonly from: bigint;
  /** The must-drop value or time; at most 2^63 − 1. */
  readonly to: bigint;
}

export interface BoundTrigger extends BoundConfig {
  readonly range: TriggerRange;
}

const MILLISECONDS = /^(0|[1-9]\d{0,15})$/;

/**
 * The recipe of must-drop pots: one draw per cycle, made when the cycle starts and revealed after the drop.
 * What is hashed, exactly, with decimal strings for a value and Unix milliseconds, also as strings, for a
 * time:
 *
 *     {"from":"100","kind":"value","to":"500"}
 *     {"from":"1767225600000","kind":"time","to":"1767312000000"}
 */
export function bindTrigger(range: TriggerRange): BoundTrigger {
  const { from, kind, to } = range;
  return { ...bindConfig({ from: formatTrigger(from, kind), kind, to: formatTrigger(to, kind) }), range };
}

/** Parses the text that `bindTrigger` hashes. @throws ApiError naming the part that has another shape. */
export function readTrigger(config: string): TriggerRange {
  const json = JsonReader.parse(config, 'config');
  const kind = json.member('kind').string();
  if (kind !== 'value' && kind !== 'time') throw invalid('config.kind', 'is neither value nor time');
  const from = readPoint(json.member('from'), kind);
  const to = readPoint(json.member('to'), kind);
  if (to < from) throw invalid('config.to', 'is below config.from');
  return { kind, from, to };
}

/** Parses a trigger, or the value or time that is compared with it, from its text in a config or proof. */
export function readPoint(json: JsonReader, kind: TriggerRange['kind']): bigint {
  if (kind === 'value') return json.amount();
  if (!MILLISECONDS.test(json.string())) throw invalid('config', 'has a time that is not in milliseconds');
  return BigInt(json.string());
}

/** Formats a trigger as in configs and proofs: "327.51", or Unix milliseconds. */
export function formatTrigger(point: bigint, kind: TriggerRange['kind']): string {
  return kind === 'value' ? formatDecimal(point) : String(point);
}

/** The hidden trigger: from + uniform(to − from + 1), in micro-units or milliseconds. */
export function drawTrigger(draw: Draw, { range }: BoundTrigger): bigint {
  return range.from + draw.uniformBigint(range.to - range.from + 1n);
}

/** Draws a hidden trigger, as its proof does: no client seed, nonce 0. */
export function drawHidden(
  serverSeed: string,
  bound: BoundTrigger,
): { readonly trigger: bigint; readonly words: number } {
  const draw = new Draw({ serverSeed, clientSeed: '', nonce: 0, sub: 0, configHash: bound.configHash });
  return { trigger: drawTrigger(draw, bound), words: draw.wordsConsumed };
}
