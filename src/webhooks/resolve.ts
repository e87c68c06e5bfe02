import { Resolver } from 'node:dns/promises';
import { isIP, type LookupFunction } from 'node:net';
import { isAllowed, type Networks } from './addresses.ts';

/** Finds the addresses of a name. */
export type Resolve = (name: string) => Promise<readonly string[]>;

/** This machine, which is not in DNS. */
const LOCAL = ['127.0.0.1', '::1'];
const TIMEOUT_MS = 2000;
const TRIES = 2;

/**
 * Resolves by DNS, not by the system's functions: these run on a few threads, which a slow name server would keep from
 * everything else.
 */
export function dnsResolve(): Resolve {
  const resolver = new Resolver({ timeout: TIMEOUT_MS, tries: TRIES });
  return async (name) => {
    if (name === 'localhost') return LOCAL;
    const found = await Promise.allSettled([resolver.resolve4(name), resolver.resolve6(name)]);
    return found.flatMap((one) => (one.status === 'fulfilled' ? one.value : []));
  };
}

/** Why nothing is sent. */
export class ForbiddenAddress extends Error {}

/**
 * The lookup of one connection: it goes to the addresses that are returned here, so to none that is not allowed. If one
 * address of a name is not allowed, none is used.
 */
export function guardedLookup(resolve: Resolve, networks: Networks): LookupFunction {
  return (name, { all = false, family }, done) => {
    checkedAddresses(resolve, name, networks)
      .then((addresses) => {
        const wanted = addresses.filter((one) => !family || family === isIP(one) || family === `IPv${isIP(one)}`);
        const [first] = wanted;
        if (first === undefined) throw new Error('the host has no address');
        const each = wanted.map((address) => ({ address, family: isIP(address) }));
        if (all) done(null, each);
        else done(null, first, isIP(first));
      })
      .catch((error: unknown) => done(error as Error, []));
  };
}

async function checkedAddresses(resolve: Resolve, name: string, networks: Networks): Promise<readonly string[]> {
  const addresses = await resolve(name);
  if (addresses.some((one) => !isAllowed(one, networks))) throw new ForbiddenAddress('an address is not public');
  return addresses;
}
