import { BlockList, isIP, isIPv6 } from 'node:net';

/** Where webhooks may go, besides the hosts that are registered. */
export interface Networks {
  /** Whether addresses of this machine and of private networks are allowed. */
  readonly privateNetworks: boolean;
}

type Ranges = readonly (readonly [address: string, bits: number])[];

/** This machine and private networks: allowed where the operator's settings say so. */
const PRIVATE: Ranges = [
  ['10.0.0.0', 8],
  ['127.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['::1', 128],
  ['fc00::', 7],
];

/** What is nobody's server: never allowed. From the registries of special-purpose addresses (RFC 6890). */
const SPECIAL: Ranges = [
  ['0.0.0.0', 8],
  ['100.64.0.0', 10],
  ['169.254.0.0', 16],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.31.196.0', 24],
  ['192.52.193.0', 24],
  ['192.88.99.0', 24],
  ['192.175.48.0', 24],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
];

const list = (ranges: Ranges): BlockList => {
  const blocks = new BlockList();
  for (const [address, bits] of ranges) blocks.addSubnet(address, bits, isIPv6(address) ? 'ipv6' : 'ipv4');
  return blocks;
};
const privates = list(PRIVATE);
const specials = list(SPECIAL);
/** The part of IPv6 that is given to servers, and what is special in it: 6to4, Teredo, documentation and others. */
const global6 = list([['2000::', 3]]);
const special6 = list([
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
]);

/** Whether something may be sent to an address. Addresses that stand for one of IPv4 are judged as that one. */
export function isAllowed(address: string, { privateNetworks }: Networks): boolean {
  const family = isIP(address);
  if (family === 0) return false;
  if (family === 4) return !specials.check(address) && (privateNetworks || !privates.check(address));
  const inner = embedded(address);
  if (inner !== null) return isAllowed(inner, { privateNetworks });
  if (privates.check(address, 'ipv6')) return privateNetworks;
  return global6.check(address, 'ipv6') && !special6.check(address, 'ipv6');
}

const mapped = list([['::ffff:0:0', 96]]);
const nat64 = list([['64:ff9b::', 96]]);

/** The address of IPv4 that one of IPv6 stands for: mapped, or behind NAT64. */
function embedded(address: string): string | null {
  // A zone, as in fe80::1%eth0, is of link-local addresses only.
  if (address.includes('%')) return null;
  if (!mapped.check(address, 'ipv6') && !nat64.check(address, 'ipv6')) return null;
  // The URL parser writes it in hexadecimal, whatever it was written in.
  const [high = '0', low = '0'] = new URL(`http://[${address}]`).hostname.slice(1, -1).split(':').slice(-2);
  const bits = (parseInt(high || '0', 16) << 16) | parseInt(low || '0', 16);
  return [24, 16, 8, 0].map((shift) => (bits >>> shift) & 255).join('.');
}
