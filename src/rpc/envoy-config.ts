import { readFileSync } from 'node:fs';
import { isIPv6 } from 'node:net';
import { resolve } from 'node:path';
import { parse, stringify } from 'yaml';

/** The settings that differ between running Envoys; unset: as in envoy.yaml. */
export interface EnvoySettings {
  readonly httpPort: number;
  readonly grpcPort: number;
  /** The socket of Envoy's own interface. */
  readonly adminSocket: string;
  /** The address that REST listens on. */
  readonly host?: string;
  /** The host of the gRPC server. */
  readonly grpcHost?: string;
  /** PEM files: of REST over TLS, and of the authorities of the certificates that clients must have; null: none. */
  readonly tls?: { readonly cert: string; readonly key: string; readonly clientCa: string | null } | null;
  /** Networks of proxies whose x-forwarded-for is believed. */
  readonly trustedProxies?: readonly string[];
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
  config['admin'].address.pipe.path = settings.adminSocket;
  const {
    listeners: [listener],
    clusters: [cluster],
  } = config['static_resources'];
  place(listener.address, settings.host, settings.httpPort);
  place(cluster.load_assignment.endpoints[0].lb_endpoints[0].endpoint.address, settings.grpcHost, settings.grpcPort);
  const http = listener.filter_chains[0].filters[0].typed_config as Node;
  if (settings.tls) {
    listener.filter_chains[0].transport_socket = transportSocket(settings.tls);
    addHeader(http, 'strict-transport-security', 'max-age=31536000');
  }
  if (settings.trustedProxies !== undefined && settings.trustedProxies.length > 0) trust(http, settings.trustedProxies);
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

function transportSocket({ cert, key, clientCa }: NonNullable<EnvoySettings['tls']>): Node {
  const pair = { certificate_chain: { filename: cert }, private_key: { filename: key } };
  const clients = clientCa === null ? {} : { validation_context: { trusted_ca: { filename: clientCa } } };
  return {
    name: 'envoy.transport_sockets.tls',
    typed_config: {
      '@type': 'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext',
      require_client_certificate: clientCa !== null,
      common_tls_context: { alpn_protocols: ['h2', 'http/1.1'], tls_certificates: [pair], ...clients },
    },
  };
}

/** Adds a header to every answer. */
function addHeader(http: Node, key: string, value: string): void {
  const filters = http['http_filters'] as Node[];
  const { typed_config: config } = filters.find(({ name }) => name === 'envoy.filters.http.header_mutation')!;
  config.mutations.response_mutations.push({
    append: { header: { key, value }, append_action: 'OVERWRITE_IF_EXISTS_OR_ADD' },
  });
}

/** The client's address is the last one of x-forwarded-for that is no proxy's; a proxy is believed, and nobody else. */
function trust(http: Node, networks: readonly string[]): void {
  const cidrs = networks.map((network) => {
    const [address, prefix] = network.split('/');
    return { address_prefix: address, prefix_len: Number(prefix ?? (isIPv6(address!) ? 128 : 32)) };
  });
  delete http['use_remote_address'];
  http['original_ip_detection_extensions'] = [
    {
      name: 'envoy.http.original_ip_detection.xff',
      typed_config: {
        '@type': 'type.googleapis.com/envoy.extensions.http.original_ip_detection.xff.v3.XffConfig',
        xff_trusted_cidrs: { cidrs },
        skip_xff_append: false,
      },
    },
  ];
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
