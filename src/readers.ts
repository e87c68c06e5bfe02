import { isIP } from 'node:net';
import { QUICKNET, type BeaconChain } from './fairness/index.ts';

/** Parses the text of a variable, undefined if it is unset or empty; throws a text that says what to give instead. */
export type Reader<T> = (text: string | undefined) => T;

export const optional: Reader<string | null> = (text) => text ?? null;
export const text =
  (unset: string): Reader<string> =>
  (value) =>
    value ?? unset;

export function whole(unset: number, min: number, max: number): Reader<number> {
  return (value) => {
    const number = Number(value ?? unset);
    if (Number.isInteger(number) && number >= min && number <= max) return number;
    throw `give a whole number from ${min} to ${max}`;
  };
}

export const port = (unset: number): Reader<number> => whole(unset, 0, 65_535);

export function oneOf<const T extends string>(unset: T, ...others: T[]): Reader<T> {
  const words = [unset, ...others];
  const advice = `give one of ${words.filter(Boolean).join(', ')}`;
  return (value) => words.find((word) => word === (value ?? unset)) ?? fail(advice);
}

export const url: Reader<string | null> = (value) => {
  if (value === undefined || /^postgres(ql)?:\/\/[^/]*\/[^?]+/.test(value)) return value ?? null;
  throw 'give a URL, as postgresql://user:password@host:5432/database';
};

export const address: Reader<string> = (value = '127.0.0.1') =>
  value === 'localhost' ? '127.0.0.1' : isIP(value) !== 0 ? value : fail('give an IP address');

export const key: Reader<Buffer | null> = (value) => {
  if (value === undefined) return null;
  return /^[0-9a-f]{64}$/i.test(value) ? Buffer.from(value, 'hex') : fail(KEY_ADVICE);
};

export const password: Reader<string | null> = (value) => {
  if (value === undefined) return null;
  return value.length >= 16 && value.length <= 256 ? value : fail('give 16 to 256 characters');
};

export const urls =
  (unset: readonly string[]): Reader<readonly string[]> =>
  (value) => {
    const given = value?.split(',') ?? unset;
    return given.every((one) => /^https?:\/\/[^/\s]+(\/\S*)?[^/\s]$/.test(one)) ? given : fail(URLS_ADVICE);
  };

const URLS_ADVICE = 'give URLs without a slash at the end, separated by commas';

/** Addresses and networks, as 10.1.2.3,10.0.0.0/8. */
export const networks: Reader<readonly string[]> = (value) => {
  const given = value?.split(',') ?? [];
  const isNetwork = (one: string): boolean => {
    const [address = '', prefix = '0', ...more] = one.split('/');
    const bits = { 0: 0, 4: 32, 6: 128 }[isIP(address)]!;
    return bits > 0 && more.length === 0 && /^\d{1,3}$/.test(prefix) && Number(prefix) <= bits;
  };
  return given.every(isNetwork) ? given : fail('give addresses or networks, as 10.1.2.3,10.0.0.0/8');
};

export const chain: Reader<BeaconChain> = (value) => {
  if (value === undefined) return QUICKNET;
  const parts = /^([0-9a-f]{64}),([0-9a-f]{192}),(\d{1,11}),([1-9]\d{0,4})$/.exec(value);
  if (parts === null)
    return fail('give hash,public key,genesis time,period of a chain of drand, as its /info has them');
  const [, hash, publicKey, genesisTime, period] = parts as unknown as [string, string, string, string, string];
  return { hash, publicKey, genesisTime: Number(genesisTime), period: Number(period) };
};

export const KEY_ADVICE = 'give 64 hexadecimal digits, as made by: openssl rand -hex 32';

function fail(advice: string): never {
  throw advice;
}
