import { ok, Receiver, status, type Behaviour } from '../webhooks/receiver.ts';

/** What a receiver does in its bad time; afterwards it takes everything. */
export interface Misbehaving {
  readonly what: string;
  readonly behaviour: Behaviour;
  /** Whether its bad time ends only after all others have everything. */
  readonly stubborn?: boolean;
}

const garbage: Behaviour = (_, __, ___, socket) => void socket.end('\0 no HTTP\r\n\r\n');
const reset: Behaviour = (_, __, ___, socket) => void socket.resetAndDestroy();
/** It says more than it sends. */
const torn: Behaviour = (_, __, response, socket) => {
  response.writeHead(200, { 'content-length': '1000' });
  response.write('{}');
  setTimeout(() => socket.destroy(), 20);
};
const endless: Behaviour = (_, __, response) => {
  response.on('drain', () => response.write(Buffer.alloc(65_536)));
  response.write(Buffer.alloc(1 << 20));
};

export const MISBEHAVING: readonly Misbehaving[] = [
  { what: 'takes everything', behaviour: ok },
  { what: 'is slow: 200 ms', behaviour: (_, __, response) => void setTimeout(() => response.end(), 200) },
  { what: 'hangs', behaviour: () => undefined },
  { what: 'answers 500', behaviour: status(500) },
  { what: 'answers 429, Retry-After 2', behaviour: status(429, { 'retry-after': '2' }) },
  { what: 'redirects', behaviour: status(302, { location: '/else' }) },
  { what: 'lies: no HTTP', behaviour: garbage },
  { what: 'lies: a torn answer', behaviour: torn },
  { what: 'sends without an end', behaviour: endless },
  { what: 'resets connections', behaviour: reset },
  { what: 'answers 400', behaviour: status(400), stubborn: true },
  { what: 'answers 410', behaviour: status(410), stubborn: true },
];

/** A receiver, with its webhook. */
export interface Hooked extends Misbehaving {
  readonly receiver: Receiver;
  readonly webhook: string;
}

/** Starts all receivers, each with a webhook of its own. @param create makes a webhook and returns its id. */
export async function startReceivers(create: (url: string) => Promise<string>): Promise<Hooked[]> {
  const hooked: Hooked[] = [];
  for (const one of MISBEHAVING) {
    const receiver = await Receiver.start(one.behaviour);
    hooked.push({ ...one, receiver, webhook: await create(receiver.url) });
  }
  return hooked;
}

/** What became of the events that one receiver should get. */
export interface Became {
  readonly delivered: number;
  readonly failed: number;
  readonly waiting: number;
  /** How many tries the most tried one has had. */
  readonly tries: number;
}

/** A line of the table. */
export interface Line extends Became {
  readonly what: string;
  /** How many requests it got, and of how many events. */
  readonly requests: number;
  readonly events: number;
  /** Events that happened and that it never got. */
  readonly missing: number;
  /** How often an event came after a later one of its aggregate. */
  readonly disorder: number;
}

/** The line of a receiver. @param wanted the ids of the events that have happened. */
export function lineOf({ what, receiver }: Hooked, wanted: ReadonlySet<string>, became: Became): Line {
  const { received } = receiver;
  const got = new Set(received.map(({ id }) => id));
  const last = new Map<string, number>();
  let disorder = 0;
  for (const { event } of received) {
    const [sequence, before] = [Number(event.sequence), last.get(event.aggregate) ?? 0];
    if (sequence < before) disorder += 1;
    last.set(event.aggregate, Math.max(sequence, before));
  }
  const missing = [...wanted].filter((id) => !got.has(id)).length;
  return { what, ...became, disorder, missing, requests: received.length, events: got.size };
}

const COLUMNS = ['delivered', 'failed', 'waiting', 'tries', 'requests', 'events', 'missing', 'disorder'] as const;

/** The table for people. */
export function tableOf(lines: readonly Line[]): string {
  const rows = [['receiver', ...COLUMNS], ...lines.map((line) => [line.what, ...COLUMNS.map((key) => `${line[key]}`)])];
  const widths = rows[0]!.map((_, i) => Math.max(...rows.map((row) => row[i]!.length)));
  return rows
    .map((row) => row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join('  '))
    .join('\n');
}
