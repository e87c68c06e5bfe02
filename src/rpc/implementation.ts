import type { Context } from './call.ts';

/** A method of a service definition as ts-proto generates it. */
export interface Definition<Request = any, Response = any> {
  readonly path: string;
  readonly requestStream: boolean;
  readonly responseStream: boolean;
  requestDeserialize(bytes: Buffer): Request;
  responseSerialize(message: Response): Buffer;
}

export type ServiceDefinition = Readonly<Record<string, Definition>>;

export type RequestOf<M extends Definition> = ReturnType<M['requestDeserialize']>;
export type ResponseOf<M extends Definition> = Parameters<M['responseSerialize']>[0];

/**
 * The handler of a method. It takes one request or a stream of them, and returns a promise of the response or a
 * stream of responses.
 */
export type Handler<M extends Definition> = (
  request: M['requestStream'] extends true ? AsyncIterable<RequestOf<M>> : RequestOf<M>,
  context: Context,
) => M['responseStream'] extends true ? AsyncIterable<ResponseOf<M>> : Promise<ResponseOf<M>>;

/** A service as a plain object of handlers. They throw an ApiError for errors that the caller should see. */
export type Implementation<S extends ServiceDefinition> = { readonly [M in keyof S]: Handler<S[M]> };

/** A service and its handlers, as the server expects them. */
export type Service<S extends ServiceDefinition = ServiceDefinition> = readonly [S, Implementation<S>];
