import type { JsonReader } from '../json-reader.ts';

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/;

/** A time, in microseconds since 1970. */
export function readTime(json: JsonReader): number {
  const text = json.matching(TIME);
  const millis = Date.parse(`${text.slice(0, 23)}Z`);
  const is = !Number.isNaN(millis) && new Date(millis).toISOString().slice(0, 23) === text.slice(0, 23);
  return is ? millis * 1000 + Number(text.slice(23, 26)) : json.refuse('is not a time');
}
