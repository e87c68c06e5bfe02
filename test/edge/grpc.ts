import { credentials, Metadata, type ChannelCredentials, type ServiceError } from '@grpc/grpc-js';
import { BadRequest, ErrorInfo, RetryInfo } from '../../gen/ts/google/rpc/error_details.ts';
import { Status } from '../../gen/ts/google/rpc/status.ts';
import { ProbeServiceClient, type AnswerRequest } from './gen/probe/v1/probe.ts';

export const ANSWER: AnswerRequest = {
  text: 'hi',
  act: '',
  reason: '',
  details: new Map(),
  retryAfterMs: 0,
  waitMs: 0,
};

export function metadata(headers: Readonly<Record<string, string>>): Metadata {
  const made = new Metadata();
  for (const [name, value] of Object.entries(headers)) made.set(name, value);
  return made;
}

type Unary = 'answer' | 'createThing' | 'getThing' | 'listThings' | 'logIn' | 'check' | 'headers' | 'replaceThings';

export interface GrpcClient extends Disposable {
  readonly raw: ProbeServiceClient;
  /** Calls a unary RPC; rejects with grpc-js's error. */
  call(method: Unary, request: unknown, headers?: Readonly<Record<string, string>>, deadlineMs?: number): Promise<any>;
}

export function grpcClient(address: string, channel: ChannelCredentials = credentials.createInsecure()): GrpcClient {
  const raw = new ProbeServiceClient(address, channel, { 'grpc.max_receive_message_length': -1 });
  return {
    raw,
    call: (method, request, headers = {}, deadlineMs) =>
      new Promise((resolve, reject) => {
        const options = deadlineMs === undefined ? {} : { deadline: Date.now() + deadlineMs };
        const call = raw[method] as unknown as (...args: unknown[]) => void;
        call.call(raw, request, metadata(headers), options, (error: ServiceError | null, response: unknown) =>
          error === null ? resolve(response) : reject(error),
        );
      }),
    [Symbol.dispose]: () => raw.close(),
  };
}

/** The error of a call that must fail. */
export async function failing(call: Promise<unknown>): Promise<ServiceError> {
  try {
    await call;
  } catch (error) {
    return error as ServiceError;
  }
  throw new Error('the call has not failed');
}

/** What an error says besides code and message. */
export function detailsOf(error: ServiceError): {
  message: string;
  info: ErrorInfo;
  fields: string[];
  retryMs: number | null;
} {
  const status = Status.decode(error.metadata.get('grpc-status-details-bin')[0] as Buffer);
  const find = (name: string): Buffer | undefined =>
    status.details.find(({ typeUrl }) => typeUrl.endsWith(`google.rpc.${name}`))?.value;
  const [retry, bad] = [find('RetryInfo'), find('BadRequest')];
  const delay = retry && RetryInfo.decode(retry).retryDelay!;
  return {
    message: status.message,
    info: ErrorInfo.decode(find('ErrorInfo')!),
    fields:
      bad === undefined ? [] : BadRequest.decode(bad).fieldViolations.map(({ field, reason }) => `${field} ${reason}`),
    retryMs: delay ? Number(delay.seconds) * 1000 + delay.nanos / 1e6 : null,
  };
}

/** All messages of a stream of responses; rejects with its error. */
export async function collect<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const messages: T[] = [];
  for await (const message of stream) messages.push(message);
  return messages;
}
