/**
 * Calls every RPC over gRPC and, through Envoy, over REST, with valid credentials and mostly valid requests: those of
 * the contract's cases and such as are made from its rules, of things that exist, then changed a little. No answer may
 * be a fault of the server, or stay away:
 *
 *   npm run campaign -- fuzz              REQUESTS=… (20,000 over each face), WORKERS=… at once (6 over each face),
 *                                         SEED=… repeats the choices of a run, as far as the answers are the same
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { readFileSync } from 'node:fs';
import startCluster from '../support/cluster.ts';
import { seeded } from '../support/requests.ts';
import { startService } from '../support/service.ts';
import { toldBy } from './bytes.ts';
import { grpcFace, restFace, type Face } from './fuzz-faces.ts';
import { Requests } from './fuzz-requests.ts';
import { FuzzRun, together, type Fault, type Tally } from './fuzz-run.ts';
import { bootstrapOther, firstWords, FuzzCallers } from './fuzz-scene.ts';
import { Words } from './fuzz-words.ts';

const count = Number(process.env['REQUESTS'] ?? 20_000);
const workers = Number(process.env['WORKERS'] ?? 6);
const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000);
const SHARE = 0.3;

const memory = (pid: number): string =>
  /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]!.replace(/\d{3}$/, ' MB');

const sumOf = (tallies: ReadonlyMap<string, Tally>, what: 'sent' | 'past'): number =>
  [...tallies.values()].reduce((sum, tally) => sum + tally[what], 0);

/** Prints what was called. Returns whether enough of it got past validation. */
function report({ name }: Face, tallies: ReadonlyMap<string, Tally>): boolean {
  const [sent, past] = [sumOf(tallies, 'sent'), sumOf(tallies, 'past')];
  for (const [rpc, tally] of [...tallies].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const codes = [...tally.codes].sort(([, a], [, b]) => b - a).map(([code, n]) => `${n} ${code}`);
    console.log(`${name} ${rpc}: ${tally.sent} sent, ${tally.past} past validation: ${codes.slice(0, 8).join(', ')}`);
  }
  console.log(
    `${name}: ${sent} sent to ${tallies.size} RPCs, ${past} past validation (${Math.round((100 * past) / sent)} %)`,
  );
  return past >= SHARE * sent;
}

function tell(faults: readonly Fault[]): void {
  for (const { face, rpc, as, code, request, answer } of faults.slice(0, 40))
    console.log(`FAULT ${face} ${rpc} as ${as}: ${code}\n  ${request.slice(0, 2000)}\n  ${answer.slice(0, 600)}`);
  if (faults.length > 40) console.log(`FAULT and ${faults.length - 40} more`);
}

console.log(`seed ${seed}`);
const stop = await startCluster();
try {
  const service = await startService();
  await bootstrapOther(service.databaseUrl);
  const callers = new FuzzCallers(service);
  for (const as of ['admin', 'service', 'brand of all'])
    for (const isOther of [false, true]) await callers.headers(as, isOther, '');
  await callers.headers('only read', false, '');
  const first = await firstWords(service);
  const faces = [grpcFace(service.server.address), restFace(service.envoy.base)];
  const runs = faces.map((face, i) =>
    Array.from({ length: workers }, (_, nth) => {
      const random = seeded(seed + 1000 * i + nth);
      const words = new Words(random, first);
      return new FuzzRun({ face, callers, words, requests: new Requests(words, random), random });
    }),
  );
  const begun = performance.now();
  await Promise.all(runs.flat().map((run) => run.run(Math.ceil(count / workers))));
  const seconds = (performance.now() - begun) / 1000;
  const enough = faces.map((face, i) => report(face, together(runs[i]!)));
  const faults = runs.flat().flatMap((run) => run.faults);
  tell(faults);
  const alive = await service.rest('SystemService.GetHealth', {}, {});
  console.log(`${seconds.toFixed(0)} s; afterwards healthy: ${alive.status}`);
  console.log(`most memory: server ${memory(service.server.process.pid!)}, Envoy ${memory(service.envoy.pid)}`);
  const logged = service.server
    .log()
    .split('\n')
    .filter((line) => /"level":[56]0/.test(line));
  for (const line of logged.slice(0, 20)) console.log(`LOGGED ${line.slice(0, 800)}`);
  for (const face of faces) face.close();
  await sleep(2000);
  const { databaseUrl } = service;
  await service.stop();
  const told = await toldBy(databaseUrl);
  for (const one of told.slice(0, 20)) console.log(`PROBLEM verify: ${one}`);
  console.log(`${faults.length} faults, ${logged.length} errors logged, verify: ${told.length} differences`);
  process.exitCode =
    faults.length + logged.length + told.length === 0 && alive.status === 200 && enough.every(Boolean) ? 0 : 1;
} finally {
  await stop();
}
process.exit();
