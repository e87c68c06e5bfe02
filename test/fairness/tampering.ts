import canonicalize from 'canonicalize';
import { digestOf } from '../../src/fairness/records/record.ts';
import type { RecordCase } from './sample-records-2.ts';

/** A proof with one change. */
export interface Tampered {
  /** What was changed, such as "record.outcome.price". */
  readonly path: string;
  /** "text": only that; "digest": the record, and the digest so that it fits. */
  readonly how: 'text' | 'digest';
  readonly proof: RecordCase;
}

type Json = any;

/** Changes of a leaf that mean something else, or are written in another way. */
function leavesFrom(value: Json): Json[] {
  if (typeof value === 'number') return [value + 1, value - 1, String(value), value + 0.5, null];
  if (typeof value === 'boolean') return [!value, String(value), null];
  if (value === null) return [{}, '', 0];
  const others = [`${value}x`, ` ${value}`, null];
  if (value === '') return others;
  const bumped = value.replace(/[0-9a-f](?=[^0-9a-f]*$)/, (digit: string) => (digit === '1' ? '2' : '1'));
  const first = value.replace(/[0-9a-f]/, (digit: string) => (digit === '3' ? '4' : '3'));
  return [...others, '', ...[bumped, first, value.toUpperCase(), value.slice(1)].filter((other) => other !== value)];
}

/** Every value that differs in one place from a given one, with the path of the place. */
export function* changesOf(value: Json, path: string): Generator<[path: string, changed: Json]> {
  if (value === null || typeof value !== 'object') {
    for (const other of leavesFrom(value)) yield [path, other];
    return;
  }
  if (Array.isArray(value)) {
    yield [`${path}[]`, [...value, value.at(-1) ?? 0]];
    yield [`${path}[]`, {}];
    if (value.length > 0) yield [`${path}[]`, value.slice(0, -1)];
    if (value.length > 1) {
      yield [`${path}[]`, []];
      const reversed = value.toReversed();
      if (canonicalize(reversed) !== canonicalize(value)) yield [`${path}[]`, reversed];
    }
    for (const [i, item] of value.entries())
      for (const [inner, changed] of changesOf(item, `${path}[${i}]`)) yield [inner, value.with(i, changed)];
    return;
  }
  yield [`${path}.unknown`, { ...value, unknown: 1 }];
  for (const key of Object.keys(value)) {
    const { [key]: member, ...others } = value;
    yield [`${path}.${key}`, others];
    for (const [inner, changed] of changesOf(member, `${path}.${key}`)) yield [inner, { ...value, [key]: changed }];
  }
}

/** The same value in texts that are not canonical. */
export const otherTexts = (text: string): string[] => [
  ` ${text}`,
  `${text}\n`,
  text.replace(',', ', '),
  text.replace('"', '"\\u0061'.slice(0, 1)).replace('a', '\\u0061'),
  text.replace(/^\{("\w+"):/, '{$1:0,$1:'),
  text.slice(0, -1),
  '',
  '[]',
  'null',
];

/** Every change of one field of a proof: as it is, and where it is in the record, with a digest that fits. */
export function* tamperedFrom(proof: RecordCase): Generator<Tampered> {
  const { record, config } = proof;
  for (const field of ['server_seed', 'digest'] as const)
    for (const value of leavesFrom(proof[field]))
      if (typeof value === 'string') yield { path: field, how: 'text', proof: { ...proof, [field]: value } };
  const records = [
    ...[...changesOf(JSON.parse(record), 'record')].map(([path, value]) => [path, canonicalize(value)!] as const),
    ...otherTexts(record).map((text) => ['record', text] as const),
  ];
  for (const [path, text] of records) {
    if (text === record) continue;
    yield { path, how: 'text', proof: { ...proof, record: text } };
    yield { path, how: 'digest', proof: { ...proof, record: text, digest: digestOf(text) } };
  }
  const configs = [
    ...[...changesOf(JSON.parse(config), 'config')].map(([path, value]) => [path, canonicalize(value)!] as const),
    ...otherTexts(config).map((text) => ['config', text] as const),
  ];
  for (const [path, text] of configs)
    if (text !== config) yield { path, how: 'text', proof: { ...proof, config: text } };
  for (const [path, entries] of changesOf(proof.entries, 'entries'))
    if (numbersAsTexts(entries) !== numbersAsTexts(proof.entries))
      yield { path, how: 'text', proof: { ...proof, entries } };
}

/**
 * The changes of each kind at each place, but in a list only of the first and the last element that they are made of:
 * verifiers read the others as they read these. Where the digest or a hash does not fit, one change of each place.
 */
export function sampleFrom(proof: RecordCase): Tampered[] {
  const alike = new Map<string, { readonly first: Tampered; last?: Tampered }>();
  const changes = new Map<string, number>();
  for (const tampered of tamperedFrom(proof)) {
    const place = `${tampered.how} ${tampered.path}`;
    const nth = changes.get(place) ?? 0;
    changes.set(place, nth + 1);
    if (nth > 0 && tampered.how === 'text' && tampered.path.includes('.')) continue;
    const kind = `${place.replaceAll(/\[\d+\]/g, '[]')} ${nth}`;
    const known = alike.get(kind);
    if (known === undefined) alike.set(kind, { first: tampered });
    else known.last = tampered;
  }
  return [...alike.values()].flatMap(({ first, last }) => (last === undefined ? [first] : [first, last]));
}

/** Numbers of entries may be texts: over REST they are. */
const numbersAsTexts = (value: Json): string =>
  JSON.stringify(value, (_, member) => (typeof member === 'number' ? String(member) : member));

/**
 * What no recomputation can know: section 4 of SPECIFICATION.md. The digest covers it, so it fails unless that is made
 * anew; then a receipt tells.
 */
export const STATED: readonly RegExp[] = [
  /^record\.(operator|operation|part|time|player|seed_readable_since|stream)$/,
  /^record\.position$/,
  /^record\.outcome\.(contribution|due_time|sum_after|sum_before)$/,
  /^record\.outcome\.pots\[\d+\]\.(cycle|cycle_contributed|drawn_before|won\.surplus_before)$/,
  /^record\.definition\.(engine|id|version)$/,
  /^record\.client_seeds\[\d\]\.origin$/,
  /^record\.outcome\.(stock_won\[\d+\]\.won|free_plays|close_time|source)$/,
  /^record\.outcome\.grants\[\d+\]\.id$/,
  /^record\.outcome\.(winners\[\d+\]\.)?withheld$/,
  /^record\.outcome\.since_tier_[34]$/,
];
