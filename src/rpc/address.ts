import { BlockList, isIP, isIPv6 } from 'node:net';
import { networkInterfaces } from 'node:os';
import type { Metadata } from '@grpc/grpc-js';

/** Whether the x-forwarded-for of an address is trusted. */
export type TrustCheck = (address: string) => boolean;

/** Trusts this machine, where Envoy runs, and the given networks, such as `10.0.0.0/8` or `10.1.2.3`. */
export function trusting(networks: readonly string[]): TrustCheck {
  const list = new BlockList();
  list.addSubnet('127.0.0.0', 8);
  list.addAddress('::1', 'ipv6');
  for (const network of networks) {
    const [address = '', prefix] = network.split('/');
    const version = isIPv6(address) ? 'ipv6' : 'ipv4';
    list.addSubnet(address, prefix === undefined ? (version === 'ipv6' ? 128 : 32) : Number(prefix), version);
  }
  return (address) => isIP(address) !== 0 && list.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
}

/**
 * The address of the client: the peer's or, if the peer is trusted, the last one of x-forwarded-for, which
 * the peer has added itself. Of an IPv6 address only the /64, because one client has a whole /64.
 */
export function clientAddress(peer: string, metadata: Metadata, trusted: TrustCheck): string {
  // The peer always has a port: ::1:5432 would also be a valid address.
  const address = unmapped(peer.slice(0, peer.lastIndexOf(':')));
  if (!trusted(address)) return client(address);
  const forwarded = unmapped(metadata.get('x-forwarded-for').join(',').split(',').at(-1)!.trim());
  return client(isIP(forwarded) === 0 ? address : forwarded);
}

/**
 * Whether a call may have come from another machine, through proxies on this one: a proxy says so. Who says it of
 * themselves is believed.
 */
export function isForwarded(metadata: Metadata): boolean {
  if (metadata.get('forwarded').length > 0 || metadata.get('x-real-ip').length > 0) return true;
  const addresses = metadata.get('x-forwarded-for').join(',').split(',');
  return !addresses.every((address) => address.trim() === '' || THIS_MACHINE(unmapped(address.trim())));
}

/** An IPv4 address without the IPv6 prefix that a dual-stack socket adds. */
function unmapped(address: string): string {
  return address.startsWith('::ffff:') && address.includes('.') ? address.slice('::ffff:'.length) : address;
}

function client(address: string): string {
  if (!isIPv6(address)) return address;
  const [head = '', tail] = address.split('::');
  const first = head.split(':').filter((part) => part !== '');
  const last = tail === undefined ? [] : tail.split(':').filter((part) => part !== '');
  const zeros = Array<string>(Math.max(0, 8 - first.length - last.length)).fill('0');
  return [...first, ...zeros, ...last].slice(0, 4).join(':');
}

/** Envoy forwards a client on this machine under an address that this machine has in its network. */
const OWN = Object.values(networkInterfaces()).flatMap((all) => all?.map(({ address }) => address) ?? []);
const THIS_MACHINE = trusting(OWN);
