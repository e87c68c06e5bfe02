import type { DescMethod, DescService } from '@bufbuild/protobuf';
import { block, classOf, GENERATED, obsolete, summary } from './text.ts';

const CALL =
  'grpc::Metadata headers = null, global::System.DateTime? deadline = null, ' +
  'global::System.Threading.CancellationToken cancellationToken = ' +
  'default(global::System.Threading.CancellationToken)';

/** How each kind of method is called; `I` stands for its request's class and `O` for its response's. */
export const KINDS = {
  unary: { type: 'Unary', returns: 'AsyncUnaryCall<O>' },
  client_streaming: { type: 'ClientStreaming', returns: 'AsyncClientStreamingCall<I, O>' },
  server_streaming: { type: 'ServerStreaming', returns: 'AsyncServerStreamingCall<O>' },
  bidi_streaming: { type: 'DuplexStreaming', returns: 'AsyncDuplexStreamingCall<I, O>' },
} as const;

/** The class of a service's client. */
export function clientOf(service: DescService): string[] {
  const name = `${service.name}Client`;
  const constructor = (access: string, parameter: string, base: string): string[] => [
    GENERATED,
    `${access} ${name}(${parameter}) : base(${base})`,
    '{',
    '}',
  ];
  return block(
    [
      `/// <summary>Client for ${service.name}</summary>`,
      ...obsolete(service),
      `public partial class ${name} : grpc::ClientBase<${name}>`,
    ],
    [
      `/// <summary>Creates a new client for ${service.name}</summary>`,
      '/// <param name="channel">The channel to use to make remote calls.</param>',
      ...constructor('public', 'grpc::ChannelBase channel', 'channel'),
      `/// <summary>Creates a new client for ${service.name} that uses a custom <c>CallInvoker</c>.</summary>`,
      '/// <param name="callInvoker">The callInvoker to use to make remote calls.</param>',
      ...constructor('public', 'grpc::CallInvoker callInvoker', 'callInvoker'),
      '/// <summary>Protected parameterless constructor to allow creation of test doubles.</summary>',
      ...constructor('protected', '', ''),
      '/// <summary>Protected constructor to allow creation of configured clients.</summary>',
      '/// <param name="configuration">The client configuration.</param>',
      ...constructor('protected', 'ClientBaseConfiguration configuration', 'configuration'),
      '',
      ...service.methods.flatMap(callsOf),
      '/// <summary>Creates a new instance of client from given <c>ClientBaseConfiguration</c>.</summary>',
      ...block(
        [GENERATED, `protected override ${name} NewInstance(ClientBaseConfiguration configuration)`],
        [`return new ${name}(configuration);`],
      ),
    ],
  );
}

/** The client's methods for one RPC: for unary ones blocking and asynchronous ones, otherwise asynchronous ones. */
function callsOf(method: DescMethod): string[] {
  const { returns } = KINDS[method.methodKind];
  const classes = { I: classOf(method.input), O: classOf(method.output) };
  const call = `grpc::${returns.replace(/\b[IO]\b/g, (letter) => classes[letter as 'I' | 'O'])}`;
  const invoker = returns.slice(0, returns.indexOf('<'));
  if (method.methodKind !== 'unary') return pair(method, { name: method.name, returns: call, invoker, waits: false });
  return [
    ...pair(method, { name: method.name, returns: classes.O, invoker: 'BlockingUnaryCall', waits: true }),
    ...pair(method, { name: `${method.name}Async`, returns: call, invoker, waits: false }),
  ];
}

interface CallShape {
  readonly name: string;
  readonly returns: string;
  readonly invoker: string;
  readonly waits: boolean;
}

/** One method with headers and deadline, and one with options. */
function pair(method: DescMethod, { name, returns, invoker, waits }: CallShape): string[] {
  const sends = method.methodKind === 'unary' || method.methodKind === 'server_streaming';
  const [parameter, argument, last] = sends
    ? [`${classOf(method.input)} request, `, 'request, ', ', request']
    : ['', '', ''];
  const returned = waits ? 'The response received from the server.' : 'The call object.';
  const comment = (parameters: readonly string[]): string[] => {
    const body = summary(method);
    const request = sends ? ['/// <param name="request">The request to send to the server.</param>'] : [];
    return body.length === 0 ? [] : [...body, ...request, ...parameters, `/// <returns>${returned}</returns>`];
  };
  return [
    ...comment([
      '/// <param name="headers">The initial metadata to send with the call. This parameter is optional.</param>',
      '/// <param name="deadline">An optional deadline for the call. ' +
        'The call will be cancelled if deadline is hit.</param>',
      '/// <param name="cancellationToken">An optional token for canceling the call.</param>',
    ]),
    ...block(
      [...obsolete(method), GENERATED, `public virtual ${returns} ${name}(${parameter}${CALL})`],
      [`return ${name}(${argument}new grpc::CallOptions(headers, deadline, cancellationToken));`],
    ),
    ...comment(['/// <param name="options">The options for the call.</param>']),
    ...block(
      [...obsolete(method), GENERATED, `public virtual ${returns} ${name}(${parameter}grpc::CallOptions options)`],
      [`return CallInvoker.${invoker}(__Method_${method.name}, null, options${last});`],
    ),
  ];
}
