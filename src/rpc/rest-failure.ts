import { Metadata } from '@grpc/grpc-js';
import type { ApiError } from '../kernel/index.ts';
import type { ErrorFace, ReasonPolicy } from './contract.ts';

/** Envoy fails on a response with more than 60 KiB of headers. */
const BODY_MAX = 16 * 1024;

/**
 * What the edge builds the error of a REST client from: status and code, and the whole body if it has more than
 * code and message.
 */
export function restFailure(error: ApiError, { status }: ReasonPolicy, message: string, face: ErrorFace): Metadata {
  const metadata = new Metadata();
  metadata.set('x-rest-status', String(status));
  metadata.set('x-rest-code', error.reason);
  if (error.retryAfterMs !== undefined) metadata.set('retry-after', String(Math.ceil(error.retryAfterMs / 1000)));
  const body = BODIES[face](error, status, message);
  if (body === undefined) return metadata;
  const text = asciiJson(body);
  if (text.length <= BODY_MAX) metadata.set('x-rest-body', text);
  return metadata;
}

/** The error bodies by face; undefined: the edge's default, with code and message. */
const BODIES: Record<ErrorFace, (error: ApiError, status: number, message: string) => object | undefined> = {
  default({ reason: code, details, fields }, _, message) {
    if (fields.length === 0 && Object.keys(details).length === 0) return undefined;
    return { error: { code, message, details: fields.length === 0 ? details : { ...details, fields } } };
  },
  pots: ({ reason: code }, status, message) => ({ status_code: status, code, message }),
  coins({ details, fields }, status, message) {
    const data = fields.length === 0 ? details : { ...details, fields };
    return {
      status: status < 500 ? 'fail' : 'error',
      data: Object.keys(data).length === 0 ? null : data,
      message,
    };
  },
};

/** JSON that can be the value of a header: everything outside ASCII is escaped. */
function asciiJson(value: object): string {
  return JSON.stringify(value).replaceAll(
    /[\x7f-\uffff]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
