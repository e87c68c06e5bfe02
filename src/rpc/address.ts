import { BlockList, isIP, isIPv6 } from 'node:net';
import { networkInterfaces } from 'node:os';
import type { Metadata } from '@grpc/grpc-js';

/** Whether an address is one of some. */
export type TrustCheck = (address: string) => boolean;

/** Addresses of the given networks, such as `10.0.0.0/8` or `10.1.2.3`. */
export function within(networks: readonly string[]): TrustCheck {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', prefix] = network.split('/');
    const version = isIPv6(address) ? 'ipv6' : 'ipv4';
    list.addSubnet(address, prefix === undefined ? (version === 'ipv6' ? 128 : 32) : Number(prefix), version);
  }
  return (address) => isIP(address) !== 0 && list.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
}

const LOOPBACK = ['127.0.0.0/8', '::1'];
const isLoopback = within(LOOPBACK);
/** Envoy forwards a client on this machine under an address that this machine has in its network. */
const isHere = within([
  ...LOOPBACK,
  ...Object.values(networkInterfaces()).flatMap((all) => all?.map(({ address }) => address) ?? []),
]);

/** Trusts proxies at these addresses; with 127.0.0.1 also one on this machine, where Envoy is trusted anyway. */
export function trusting(networks: readonly string[]): TrustCheck {
  const proxies = within(networks);
  return proxies('127.0.0.1') ? (address) => proxies(address) || isHere(address) : proxies;
}

/**
 * The address of the client: the peer's or, if the peer is trusted, the last one of x-forwarded-for that is no
 * proxy's, as the proxy after it has added it. Of an IPv6 address only the /64, because one client has a whole /64.
 */
export function clientAddress(peer: string, metadata: Metadata, proxies: TrustCheck): string {
  // The peer always has a port: ::1:5432 would also be a valid address.
  const address = unmapped(peer.slice(0, peer.lastIndexOf(':')));
  if (!isLoopback(address) && !proxies(address)) return client(address);
  const list = metadata.get('x-forwarded-for').join(',').split(',');
  const own = list.map((one) => unmapped(one.trim())).findLast((one, i) => i === 0 || !proxies(one))!;
  return client(isIP(own) === 0 ? address : own);
}

/**
 * Whether a call may have come from another machine, through proxies on this one: a proxy says so. Who says it of
 * themselves is believed.
 */
export function isForwarded(metadata: Metadata): boolean {
  if (metadata.get('forwarded').length > 0 || metadata.get('x-real-ip').length > 0) return true;
  const addresses = metadata.get('x-forwarded-for').join(',').split(',');
  return !addresses.every((address) => address.trim() === '' || isHere(unmapped(address.trim())));
}

/** An IPv4 address without the IPv6 prefix that a dual-stack socket adds. */
export function unmapped(address: string): string {
  return address.startsWith('::ffff:') && address.includes('.') ? address.slice('::ffff:'.length) : address;
}

/** What is limited as one client: of IPv6 the network. */
export function client(address: string): string {
  if (!isIPv6(address)) return address;
  const [head = '', tail] = address.split('::');
  const first = head.split(':').filter((part) => part !== '');
  const last = tail === undefined ? [] : tail.split(':').filter((part) => part !== '');
  const zeros = Array<string>(Math.max(0, 8 - first.length - last.length)).fill('0');
  return [...first, ...zeros, ...last].slice(0, 4).join(':');
}
