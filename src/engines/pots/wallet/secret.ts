import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto';
import type { WebhookKeys } from '../../../webhooks/index.ts';

const CIPHER = 'aes-256-gcm';
const NONCE = 12;
const TAG = 16;

/** The key of what is sealed: derived from a master key, and not that of webhooks. */
const keyOf = (keys: WebhookKeys, id: string): Buffer =>
  createHmac('sha256', keys.key(id)).update('windfall wallet').digest();

/**
 * Encrypts a text under a key that is derived from the current master key: whoever has only the database does not have
 * it. @param place what it belongs to: elsewhere it cannot be opened.
 */
export function seal(keys: WebhookKeys, text: string, place: string): string {
  const { currentId: id } = keys;
  const nonce = randomBytes(NONCE);
  const cipher = createCipheriv(CIPHER, keyOf(keys, id), nonce).setAAD(Buffer.from(place));
  const sealed = Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
  return `${id}/${sealed.toString('base64url')}`;
}

/** The text that was sealed for a place. Throws if it was not. */
export function unseal(keys: WebhookKeys, sealed: string, place: string): string {
  const [id = '', rest = ''] = sealed.split('/');
  const bytes = Buffer.from(rest, 'base64url');
  const decipher = createDecipheriv(CIPHER, keyOf(keys, id), bytes.subarray(0, NONCE));
  decipher.setAAD(Buffer.from(place)).setAuthTag(bytes.subarray(-TAG));
  return Buffer.concat([decipher.update(bytes.subarray(NONCE, -TAG)), decipher.final()]).toString();
}
