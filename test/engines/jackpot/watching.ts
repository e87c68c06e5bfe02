import { setTimeout as sleep } from 'node:timers/promises';
import { credentials, Metadata, type ClientReadableStream, type ServiceError } from '@grpc/grpc-js';
import { JackpotServiceClient, type WatchJackpotResponse } from '../../../gen/ts/windfall/jackpot/v1/jackpot.ts';

/** What a watcher has received, and how it ended. */
export interface Watching {
  readonly events: readonly WatchJackpotResponse[];
  /** The `draw_id`s of the hits. */
  readonly hits: readonly string[];
  /** The last event's id. */
  readonly lastId: string;
  /** Undefined while it lasts, null if it ended well. */
  readonly end: ServiceError | null | undefined;
  leave(): void;
}

const SERVICE = { authorization: 'Bearer wf_test_demo' };

/** Watches a jackpot over gRPC, until it is left. */
export function watch(
  client: JackpotServiceClient,
  id: string,
  lastEventId = '',
  headers: Readonly<Record<string, string>> = SERVICE,
): Watching {
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(headers)) metadata.set(name, value);
  const stream: ClientReadableStream<WatchJackpotResponse> = client.watchJackpot({ id, lastEventId }, metadata);
  const events: WatchJackpotResponse[] = [];
  let end: ServiceError | null | undefined;
  stream.on('data', (event: WatchJackpotResponse) => events.push(event));
  stream.on('error', (error: ServiceError) => {
    end = error;
  });
  stream.on('end', () => {
    end ??= null;
  });
  return {
    events,
    get hits() {
      return events.flatMap(({ event }) => (event?.$case === 'hit' ? [event.value.drawId] : []));
    },
    get lastId() {
      return events.findLast(({ eventId }) => eventId !== undefined)?.eventId ?? '';
    },
    get end() {
      return end;
    },
    leave: () => stream.cancel(),
  };
}

export const clientOf = (address: string): JackpotServiceClient =>
  new JackpotServiceClient(address, credentials.createInsecure());

/** A server-sent event as a browser reads it. */
export interface ServerSentEvent {
  readonly id: string;
  readonly event: string;
  readonly data: any;
}

/** Reads server-sent events, until it is left or the stream ends. */
export async function* readEvents(url: string, headers: Record<string, string> = {}): AsyncGenerator<ServerSentEvent> {
  let text = '';
  const response = await fetch(url, { headers });
  for await (const chunk of response.body!) {
    text += Buffer.from(chunk).toString();
    const blocks = text.split('\n\n');
    text = blocks.pop()!;
    for (const block of blocks) {
      const field = (name: string): string => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1] ?? '';
      yield { id: field('id'), event: field('event'), data: JSON.parse(field('data')) };
    }
  }
}

/** The first events of a stream. */
export async function firstEvents(
  url: string,
  count: number,
  headers: Record<string, string> = {},
): Promise<ServerSentEvent[]> {
  const events: ServerSentEvent[] = [];
  for await (const event of readEvents(url, headers)) if (events.push(event) === count) break;
  return events;
}

/** Waits up to 20 s for something to hold. */
export async function eventually(holds: () => boolean, what: string): Promise<void> {
  for (const end = performance.now() + 20_000; performance.now() < end; await sleep(20)) if (holds()) return;
  throw new Error(`waited in vain: ${what}`);
}
