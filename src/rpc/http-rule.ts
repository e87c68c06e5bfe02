import { getOption, hasOption, type DescMethod, type FileRegistry } from '@bufbuild/protobuf';

/** A path of an RPC over REST, by the names of the contract's fields. */
export interface HttpRule {
  /** Such as `POST`. */
  readonly verb: string;
  /** Such as `/v1/players/{user_id}/token`: each variable is one segment, and a field of the request. */
  readonly template: string;
  /** The field that is the body; `*`: all fields that are not in the path; '': no body. */
  readonly body: string;
}

interface HttpOption {
  readonly pattern: { readonly case?: string; readonly value?: string };
  readonly body: string;
  readonly additionalBindings: readonly HttpOption[];
}

/** The REST paths of an RPC; empty if it has none. */
export function readHttpRules(registry: FileRegistry, method: DescMethod): HttpRule[] {
  const http = registry.getExtension('google.api.http');
  if (http === undefined || !hasOption(method, http)) return [];
  const value: unknown = getOption(method, http);
  const option = value as HttpOption;
  return [option, ...option.additionalBindings].map(({ pattern, body }) => ({
    verb: pattern.case!.toUpperCase(),
    template: pattern.value ?? '',
    body,
  }));
}
