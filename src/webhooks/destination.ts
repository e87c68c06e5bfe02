import { isIP } from 'node:net';
import { ApiError, invalid } from '../kernel/index.ts';
import { isAllowed, type Networks } from './addresses.ts';

/** Where an operator's webhooks may go. */
export interface HookSettings extends Networks {
  /** Names, as "hooks.example.com" or "*.example.com", and addresses. */
  readonly hosts: readonly string[];
  /** Whether URLs may be http. */
  readonly http: boolean;
}

const URL_MAX = 2000;

/** An URL that something may be sent to, and the registered host that it matches. */
export interface Destination {
  readonly url: URL;
  readonly host: string;
}

/**
 * Checks an URL before anything is resolved. Throws INVALID_ARGUMENT, WEBHOOK_HOST_NOT_ALLOWED.
 * @param field the path of the request's field.
 */
export function requireDestination(text: string, settings: HookSettings, field: string): Destination {
  const url = text.length <= URL_MAX ? parse(text) : null;
  if (url === null) throw invalid(field, 'must be an URL with http or https, without user, password or fragment');
  const found = checkDestination(url, settings);
  if (typeof found !== 'string') return found;
  throw new ApiError('WEBHOOK_HOST_NOT_ALLOWED', found, { details: { host: hostOf(url) } });
}

/** The same at the time of sending, when settings may have changed: a text says why it is not allowed. */
export function findDestination(text: string, settings: HookSettings): Destination | string {
  const url = parse(text);
  return url === null ? 'the URL is not one' : checkDestination(url, settings);
}

function parse(text: string): URL | null {
  const url = URL.parse(text);
  if (url === null || !['http:', 'https:'].includes(url.protocol)) return null;
  return url.username === '' && url.password === '' && url.hash === '' && url.hostname !== '' ? url : null;
}

/** The host, without the brackets of an address of IPv6 and without the dot of a full name. */
export const hostOf = ({ hostname }: URL): string => hostname.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '');

function checkDestination(url: URL, settings: HookSettings): Destination | string {
  const name = hostOf(url);
  const host = settings.hosts.find((pattern) => fits(pattern, name));
  if (host === undefined) return 'the host is not registered';
  if (url.protocol === 'http:' && !settings.http) return 'the URL must be https';
  if (isIP(name) !== 0 && !isAllowed(name, settings)) return 'the address is not public';
  return { url, host };
}

function fits(pattern: string, name: string): boolean {
  if (pattern === name) return true;
  return pattern.startsWith('*.') && isIP(name) === 0 && name.endsWith(pattern.slice(1));
}
