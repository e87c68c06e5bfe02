import { createHmac, randomBytes } from 'node:crypto';
import { Webhook as StandardWebhook } from 'standardwebhooks';

/** The keys that secrets are derived from: one for each master key. */
export interface WebhookKeys {
  readonly currentId: string;
  /** Throws if the master key is not known yet. */
  key(id: string): Buffer;
}

/**
 * What is stored of a secret: the master key's id and 16 random bytes. The secret is derived from both, as the seeds of
 * draws are: whoever has only the database does not have it.
 */
type StoredSecret = string;

const SHAPE = /^([A-Za-z0-9_-]{1,32})\/([0-9a-f]{32})$/;

/** A new secret, as it is stored. */
export const newSecret = ({ currentId }: WebhookKeys): StoredSecret =>
  `${currentId}/${randomBytes(16).toString('hex')}`;

/** A secret as receivers have it: `whsec_` and 32 bytes in base64. */
export function revealSecret(keys: WebhookKeys, stored: StoredSecret): string {
  const [, keyId, nonce] = SHAPE.exec(stored) ?? [];
  if (keyId === undefined || nonce === undefined) throw new Error('the secret of a webhook is not one');
  return `whsec_${createHmac('sha256', keys.key(keyId)).update(Buffer.from(nonce, 'hex')).digest('base64')}`;
}

/** The headers of Standard Webhooks, with a signature for each secret. */
export function signedHeaders(secrets: readonly string[], id: string, now: Date, body: string): Record<string, string> {
  return {
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(now.getTime() / 1000)),
    'webhook-signature': secrets.map((secret) => new StandardWebhook(secret).sign(id, now, body)).join(' '),
  };
}
