import type { DescMethod, JsonObject } from '@bufbuild/protobuf';
import type { JsonCall } from './json-client.ts';

/** A section of a file: a list of entries of one kind. */
export interface FileSection {
  readonly name: string;
  /** The name of an entry in messages, such as "lootbox". */
  readonly noun: string;
  /** The field that identifies an entry. */
  readonly key: string;
  /** The RPC that takes an entry as its request. */
  readonly create: DescMethod;
  /** The request that an entry is the only content of; unset: the entry itself. */
  requestOf?(entry: JsonObject): JsonObject;
  /** Returns the change, such as "created"; null: nothing was changed. */
  apply(entry: JsonObject, call: JsonCall): Promise<string | null>;
}
