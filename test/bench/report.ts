import { writeFileSync } from 'node:fs';
import type { Line } from './case.ts';

const HEAD = [
  'case',
  'in flight',
  'items/s',
  'p50 ms',
  'p99 ms',
  'server',
  'postgres',
  'client',
  'envoy',
  'ratio',
  'aim',
  'against',
];

/** The table for people. Latencies are of calls, CPU times in microseconds per item. */
export function tableOf(lines: readonly Line[]): string {
  const rows = [HEAD, ...lines.map(cellsOf)];
  const widths = HEAD.map((_, i) => Math.max(...rows.map((row) => row[i]!.length)));
  const isText = (i: number): boolean => i === 0 || i >= HEAD.length - 2;
  const pad = (cell: string, i: number): string => (isText(i) ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!));
  const print = (row: readonly string[]): string => row.map(pad).join('  ').trimEnd();
  return rows.map(print).join('\n');
}

function cellsOf({ case: one, rate, p50, p99, cpu, ratio }: Line): string[] {
  return [
    one.name,
    String(one.inFlight),
    Math.round(rate).toLocaleString('en'),
    p50.toFixed(1),
    p99.toFixed(1),
    ...[cpu.server, cpu.postgres, cpu.client, cpu.envoy].map((us) => (us === null ? '' : us.toFixed(1))),
    ratio === null ? '' : ratio.toFixed(2),
    one.against?.aim ?? '',
    referenceOf(one) ?? '',
  ];
}

function referenceOf({ against }: Line['case']): string | null {
  if (against === undefined) return null;
  const {
    other: { name, inFlight },
    by,
  } = against;
  return `${by === 'rate' ? 'rate' : 'CPU of server and Envoy'} of ${name}, ${inFlight} in flight`;
}

/** Writes the lines for programs. */
export function writeJson(file: string, lines: readonly Line[]): void {
  const round = (value: number | null, digits: number): number | null =>
    value === null ? null : Number(value.toFixed(digits));
  const entries = lines.map(({ case: one, rate, p50, p99, cpu, ratio }) => ({
    name: one.name,
    in_flight: one.inFlight,
    rate: round(rate, 1),
    p50_ms: round(p50, 3),
    p99_ms: round(p99, 3),
    cpu_us: {
      server: round(cpu.server, 2),
      postgres: round(cpu.postgres, 2),
      client: round(cpu.client, 2),
      envoy: round(cpu.envoy, 2),
    },
    reference: referenceOf(one),
    ratio: round(ratio, 3),
  }));
  writeFileSync(file, `${JSON.stringify(entries, null, 2)}\n`);
}
