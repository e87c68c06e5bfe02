import { median, type Case, type CpuPerItem, type Line, type Measured, type Suite } from './case.ts';
import { cpuOf, cpuOfFamily } from './cpu.ts';
import { followed } from './followed.ts';
import { LoadProcess } from './load-process.ts';

export interface RoundOptions {
  /** Of a slice. */
  readonly seconds: number;
  readonly rounds: number;
  say(line: string): void;
}

/** What the rounds came to, and how many items of each case were acknowledged, warm-up included. */
export interface Rounds {
  readonly lines: readonly Line[];
  readonly items: ReadonlyMap<Case, number>;
}

const WARM_UP_SECONDS = 1.5;

/**
 * Runs all cases in rounds of short slices, each round in another order, after one slice of each that does
 * not count. So whatever else the machine does meanwhile falls on all of them alike.
 */
export async function runRounds(suite: Suite, options: RoundOptions): Promise<Rounds> {
  const { cases } = suite;
  const { say, rounds } = options;
  const load = new LoadProcess();
  const measured = new Map<Case, Measured[]>(cases.map((one) => [one, []]));
  const items = new Map<Case, number>(cases.map((one) => [one, 0]));
  try {
    const handles = new Map<Case, number>();
    for (const one of cases) handles.set(one, await load.open(one.driver, one.options));
    const count = (one: Case, slice: { items: number }): void => {
      items.set(one, items.get(one)! + slice.items);
    };
    say('warming up');
    for (const one of cases) {
      const seconds = Math.min(WARM_UP_SECONDS, options.seconds);
      await load.prepare(handles.get(one)!, seconds);
      count(one, await load.slice(handles.get(one)!, one.inFlight, seconds));
    }
    const databases = new Set(cases.flatMap(({ database }) => database ?? []));
    for (const url of databases) await followed(url);
    for (let round = 0; round < rounds; round++) {
      say(`round ${round + 1} of ${rounds}`);
      for (const one of rotated(cases, round)) {
        const slice = await measure(suite, load, handles.get(one)!, one, options.seconds);
        count(one, slice);
        measured.get(one)!.push(slice);
      }
    }
  } finally {
    await load.end();
  }
  return { lines: cases.map((one) => summarise(one, measured)), items };
}

/** Every second round backwards, each from another start: no case always follows the same one. */
function rotated(cases: readonly Case[], round: number): Case[] {
  const from = (round * 5) % cases.length;
  const order = [...cases.slice(from), ...cases.slice(0, from)];
  return round % 2 === 0 ? order : order.reverse();
}

async function measure(suite: Suite, load: LoadProcess, handle: number, one: Case, seconds: number): Promise<Measured> {
  await load.prepare(handle, seconds);
  const read = (): (number | null)[] => [
    one.server === undefined ? null : cpuOf(one.server),
    cpuOfFamily(suite.postmaster),
    cpuOf(load.pid),
    one.envoy === undefined ? null : cpuOf(one.envoy),
  ];
  const before = read();
  const { items, seconds: took, p50, p99 } = await load.slice(handle, one.inFlight, seconds);
  // What followers work out later belongs to what the items cost.
  if (one.database !== undefined) await followed(one.database);
  const [server, postgres, client, envoy] = read().map((after, i) =>
    after === null || before[i] == null ? null : (after - before[i]) / items,
  );
  const cpu: CpuPerItem = { server: server!, postgres: postgres!, client: client!, envoy: envoy! };
  return { items, rate: items / took, p50, p99, cpu };
}

function summarise(one: Case, measured: ReadonlyMap<Case, readonly Measured[]>): Line {
  const slices = measured.get(one)!;
  const of = (value: (slice: Measured) => number | null): number | null => median(slices.map(value));
  const others = one.against === undefined ? undefined : measured.get(one.against.other);
  return {
    case: one,
    items: slices.reduce((sum, slice) => sum + slice.items, 0),
    rate: of((slice) => slice.rate)!,
    p50: of((slice) => slice.p50)!,
    p99: of((slice) => slice.p99)!,
    cpu: {
      server: of(({ cpu }) => cpu.server),
      postgres: of(({ cpu }) => cpu.postgres),
      client: of(({ cpu }) => cpu.client),
      envoy: of(({ cpu }) => cpu.envoy),
    },
    ratio: others === undefined ? null : median(slices.map((slice, round) => ratio(one, slice, others[round]!))),
  };
}

function ratio({ against }: Case, slice: Measured, other: Measured): number | null {
  if (against!.by === 'rate') return slice.rate / other.rate;
  const served = ({ cpu: { server, envoy } }: Measured): number => (server ?? 0) + (envoy ?? 0);
  return slice.cpu.server === null ? null : served(slice) / served(other);
}
