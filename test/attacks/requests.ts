import { fromBinary, fromJson, toBinary, toJson, type JsonObject } from '@bufbuild/protobuf';
import { methods, registry } from '../support/api.ts';

/** The bytes of a request that is given as JSON. */
export function encoded(rpc: string, request: JsonObject): Uint8Array {
  const { input } = methods.get(rpc)!;
  return toBinary(input, fromJson(input, request, { registry }));
}

/** The response, as JSON, in the one framed message of an answer. */
export function decoded(rpc: string, answer: Buffer): JsonObject {
  const { output } = methods.get(rpc)!;
  return toJson(output, fromBinary(output, answer.subarray(5)), { registry }) as JsonObject;
}
