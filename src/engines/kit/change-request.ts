import type { ChangeRequest, DefinitionKind, DesiredState, Stored, Version } from '../../catalogue/index.ts';
import type { Platform } from '../../platform/index.ts';
import type { Tenant } from '../../tenants/index.ts';

/** The fields of every request for a change. */
export interface DefinitionRequest {
  readonly id: string;
  readonly idempotencyKey: string;
  readonly status?: DesiredState['status'];
  readonly reason: string;
  readonly effectiveTime?: Date | undefined;
  readonly expectedVersion?: number;
}

/** A desired state that changes nothing. */
export const NOTHING = { status: '', effectiveAt: 0, touches: false, content: null } as const;

/** The desired status and time of a request. */
export const desiredOf = ({
  status = '',
  effectiveTime,
}: DefinitionRequest): Pick<DesiredState, 'status' | 'effectiveAt'> => ({
  status,
  effectiveAt: effectiveTime === undefined ? 0 : effectiveTime.getTime() * 1000,
});

/** A call's idempotency key, and the hash of its request. */
export interface Keyed {
  readonly key: string;
  readonly hash: () => string;
}

/** The key and the hash of a request. @param path of its RPC. */
export function hashOf({ requestHash }: Platform, path: string, request: DefinitionRequest): Keyed {
  return { key: request.idempotencyKey, hash: () => requestHash(path)(request) };
}

/** A change, without what the platform adds to it. */
export type Change = Omit<ChangeRequest<any>, 'act' | 'keyed' | 'prepared' | 'assetNo'> & { readonly tenant: Tenant };

/** The catalogue's request for a change. @param keyed null if no call requests it. */
export function requestOf(
  { keys }: Platform,
  kind: DefinitionKind,
  act: ChangeRequest<any>['act'],
  change: Change,
  keyed: Keyed | null,
): ChangeRequest<any> {
  const { tenant, ...rest } = change;
  return {
    ...rest,
    act,
    keyed: keyed !== null && keyed.key !== '',
    prepared: kind.opening?.prepare(change.content, keys),
    assetNo: (code) => tenant.assetNo(code),
  };
}

/** What a change is based on, according to the database. */
export function baseOf({ head, version }: Stored): {
  readonly id: number;
  readonly sequence: number;
  readonly base: Version;
} {
  return {
    id: head.id,
    sequence: head.sequence,
    base: {
      version: BigInt(version.version),
      versionId: BigInt(version.id),
      format: version.format,
      definition: Buffer.from(version.content),
      configHash: Buffer.from(version.configHash),
      publishedAt: BigInt(version.publishedAt),
      effectiveAt: BigInt(version.effectiveAt),
    },
  };
}

/** Content in its stored form. */
export function stored(
  kind: DefinitionKind,
  content: unknown,
  versionId: number,
): NonNullable<DesiredState['content']> {
  return {
    versionId: BigInt(versionId),
    format: kind.format,
    definition: Buffer.from(kind.encode(content)),
    configHash: Buffer.from(kind.configHash(content)),
  };
}
