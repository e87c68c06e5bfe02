import { getOption, hasOption, type DescMethod, type FileRegistry } from '@bufbuild/protobuf';
import { invalid } from '../kernel/index.ts';

/** A path of an RPC over REST. */
export interface HttpRule {
  readonly path: RegExp;
  /** The fields that the path holds, by their names in JSON. */
  readonly variables: ReadonlySet<string>;
}

interface HttpOption {
  readonly pattern: { readonly case?: string; readonly value?: string };
  readonly additionalBindings: readonly HttpOption[];
}

/** The paths of an RPC, none if it has no REST. */
export function readHttpRules(registry: FileRegistry, method: DescMethod): HttpRule[] {
  const http = registry.getExtension('google.api.http');
  if (http === undefined || !hasOption(method, http)) return [];
  const option = getOption(method, http) as unknown as HttpOption;
  return [option, ...option.additionalBindings].map(({ pattern }) => compile(method, pattern.value ?? ''));
}

/** A template `/v1/players/{user_id}/token`: one segment a variable. */
function compile({ input }: DescMethod, template: string): HttpRule {
  const variables = new Set<string>();
  const path = template.replaceAll(/\{([a-z0-9_]+)\}|[.+*?()]/g, (text, name?: string) => {
    if (name === undefined) return `\\${text}`;
    variables.add(name).add(input.fields.find((field) => field.name === name)?.jsonName ?? name);
    return '[^/]+';
  });
  return { path: new RegExp(`^${path}$`), variables };
}

/**
 * Refuses a query parameter named like a variable of the path: the transcoder would let it win over the
 * path, and what reads well in a log of paths would have been about something else.
 */
export function assertPathWins(rules: readonly HttpRule[], url: string): void {
  const at = url.indexOf('?');
  if (at === -1) return;
  const path = url.slice(0, at);
  const rule = rules.find((candidate) => candidate.path.test(path));
  if (rule === undefined || rule.variables.size === 0) return;
  for (const name of new URLSearchParams(url.slice(at)).keys()) {
    if (rule.variables.has(name)) throw invalid(name, 'is given by the path, and cannot be a query parameter too');
  }
}
