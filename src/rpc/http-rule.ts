import { getOption, hasOption, type DescMethod, type FileRegistry } from '@bufbuild/protobuf';

/** A path of an RPC over REST, by the names of the contract's fields. */
export interface HttpRule {
  /** As `POST`. */
  readonly verb: string;
  /** As `/v1/players/{user_id}/token`: each variable is one segment, and a field of the request. */
  readonly template: string;
  /** The field that is the body; `*`: all that the path has not; '': there is none. */
  readonly body: string;
}

interface HttpOption {
  readonly pattern: { readonly case?: string; readonly value?: string };
  readonly body: string;
  readonly additionalBindings: readonly HttpOption[];
}

/** The paths of an RPC, none if it has no REST. */
export function readHttpRules(registry: FileRegistry, method: DescMethod): HttpRule[] {
  const http = registry.getExtension('google.api.http');
  if (http === undefined || !hasOption(method, http)) return [];
  const option = getOption(method, http) as unknown as HttpOption;
  return [option, ...option.additionalBindings].map(({ pattern, body }) => ({
    verb: pattern.case!.toUpperCase(),
    template: pattern.value ?? '',
    body,
  }));
}
