import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parse, stringify } from 'yaml';

/** The settings that differ between running Envoys; unset: as in envoy.yaml. */
export interface EnvoySettings {
  readonly httpPort: number;
  readonly grpcPort: number;
  readonly adminPort: number;
  /** The address that REST listens on. */
  readonly host?: string;
  /** The host of the gRPC server. */
  readonly grpcHost?: string;
  /**
   * The certificate of the gRPC server, or of its certificate authority, as PEM; null: plain text.
   */
  readonly grpcCertificate?: string | null;
  /**
   * The descriptor set that `npm run generate` writes for the edge, with its tables next to it as `.lua`; and its
   * services that are available over REST.
   */
  readonly descriptors?: string;
  readonly services?: readonly string[];
  /** The timeout of a REST call; the server gets 5 % less. */
  readonly timeoutMs?: number;
  /** Whether each call is logged. */
  readonly accessLog?: boolean;
}

type Node = Record<string, any>;

const ROOT = resolve(import.meta.dirname, '../..');

/** The text of envoy.yaml for one running Envoy. Its paths are absolute, so it can be written anywhere. */
export function renderEnvoy(settings: EnvoySettings): string {
  const config = parse(readFileSync(resolve(ROOT, 'envoy.yaml'), 'utf8')) as Node;
  config['admin'].address.socket_address.port_value = settings.adminPort;
  const {
    listeners: [listener],
    clusters: [cluster],
  } = config['static_resources'];
  place(listener.address, settings.host, settings.httpPort);
  place(cluster.load_assignment.endpoints[0].lb_endpoints[0].endpoint.address, settings.grpcHost, settings.grpcPort);
  if (settings.grpcCertificate) cluster.transport_socket = transportSocket(settings.grpcCertificate);
  const http = listener.filter_chains[0].filters[0].typed_config as Node;
  if (settings.accessLog === false) delete http['access_log'];
  if (settings.timeoutMs !== undefined) setTimeouts(http, settings.timeoutMs);
  for (const node of nodes(http)) adjust(node, settings);
  // Not folded: what stands in one line must not depend on how long the paths are.
  return stringify(config, { lineWidth: 0 });
}

function place(address: Node, host: string | undefined, port: number): void {
  const socket = address['socket_address'] as Node;
  socket['port_value'] = port;
  if (host !== undefined) socket['address'] = host;
}

/** The server's certificate is the only one that is trusted: no other server can answer in its place. */
function transportSocket(certificate: string): Node {
  return {
    name: 'envoy.transport_sockets.tls',
    typed_config: {
      '@type': 'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext',
      common_tls_context: {
        alpn_protocols: ['h2'],
        validation_context: { trusted_ca: { inline_string: certificate } },
      },
    },
  };
}

function setTimeouts(http: Node, timeoutMs: number): void {
  const routes = http['route_config'].virtual_hosts[0].routes as Node[];
  const rest = routes.find(({ name }) => name === 'rest')!;
  rest['route'].timeout = `${timeoutMs / 1000}s`;
  rest['request_headers_to_add'][0].header.value = `${Math.floor(timeoutMs * 0.95)}m`;
}

function adjust(node: Node, { descriptors, services }: EnvoySettings): void {
  if (node['proto_descriptor'] !== undefined) {
    node['proto_descriptor'] = resolve(ROOT, descriptors ?? node['proto_descriptor']);
    if (services !== undefined) node['services'] = services;
  }
  const script = node['default_source_code'] as Node | undefined;
  if (script === undefined) return;
  script['inline_string'] = (script['inline_string'] as string).replaceAll(/"([^"]+\.lua)"/g, (_, file: string) => {
    const made = file.startsWith('gen/') && descriptors !== undefined;
    return JSON.stringify(resolve(ROOT, made ? descriptors.replace(/\.binpb$/, '.lua') : file));
  });
}

/** All objects of the configuration. One that envoy.yaml uses twice is yielded twice. */
function* nodes(value: unknown): Generator<Node> {
  if (typeof value !== 'object' || value === null) return;
  yield value;
  for (const part of Object.values(value)) yield* nodes(part);
}
