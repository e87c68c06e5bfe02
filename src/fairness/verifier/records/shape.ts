import type { Json } from '../json.ts';

/** Why a value is not of a shape: paths with reasons; empty: it is. */
export type Shape = (value: Json, path: string) => string[];

const MAX = Number.MAX_SAFE_INTEGER;

export const int =
  (least = 0, most = MAX): Shape =>
  (value, path) =>
    Number.isInteger(value) && value >= least && value <= most ? [] : [`${path}: is not an integer from ${least}`];

export const text =
  (pattern: RegExp = /^/): Shape =>
  (value, path) =>
    typeof value === 'string' && value.isWellFormed() && pattern.test(value) ? [] : [`${path}: has another form`];

export const bool: Shape = (value, path) => (typeof value === 'boolean' ? [] : [`${path}: is not true or false`]);

/** A decimal with at most 6 places and no needless digits. */
export const amount: Shape = (value, path) => {
  const is = typeof value === 'string' && /^(0|[1-9]\d{0,12})(\.\d{0,5}[1-9])?$/.test(value);
  return is ? [] : [`${path}: is not an amount`];
};

/** A time with a number of decimals that a pattern takes. */
const timeWith =
  (form: RegExp): Shape =>
  (value, path) => {
    const is = typeof value === 'string' && form.test(value);
    const second = is ? new Date(`${value.slice(0, 19)}Z`) : undefined;
    const exists = second !== undefined && !Number.isNaN(second.getTime());
    return exists && second.toISOString().slice(0, 19) === value.slice(0, 19) ? [] : [`${path}: is not a time`];
  };
export const time = timeWith(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
/** The time of a key. */
export const keyTime = timeWith(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.(\d{3}){1,3})?Z$/);

export const list =
  (of: Shape, least: number, most: number): Shape =>
  (value, path) => {
    if (!Array.isArray(value) || value.length < least || value.length > most)
      return [`${path}: is not a list of ${least} to ${most}`];
    return value.flatMap((item, index) => of(item, `${path}[${index}]`));
  };

/** An object with these members and no others. */
export const object =
  (members: Record<string, Shape>, optional: Record<string, Shape> = {}): Shape =>
  (value, path) => {
    if (value === null || typeof value !== 'object' || Array.isArray(value)) return [`${path}: is not an object`];
    const missing = Object.keys(members).filter((key) => !Object.hasOwn(value, key));
    return [
      ...missing.map((key) => `${path}.${key}: is missing`),
      ...Object.keys(value).flatMap((key) => {
        const shape = Object.hasOwn(members, key) ? members[key] : Object.hasOwn(optional, key) ? optional[key] : null;
        return shape ? shape(value[key], `${path}.${key}`) : [`${path}.${key}: is not known`];
      }),
    ];
  };

/** Null, or of the shape. */
export const nullable =
  (shape: Shape): Shape =>
  (value, path) =>
    value === null ? [] : shape(value, path);
