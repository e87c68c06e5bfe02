/**
 * Replays every attack against the whole service, and prints a table in Markdown: `npm run attacks`; those whose name
 * has some words: `npm run attacks -- --only 'half bodies'`. Exit code 1 unless each was refused or did no harm, health
 * was answered within a second all the while, and the ledger and `verify` are clean in the end.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { runCommand } from '../support/command.ts';
import startCluster from '../support/cluster.ts';
import { MASTER_KEY } from '../support/service.ts';
import { judge, tally, type Attack, type Finding } from './attack.ts';
import { BODIES } from './bodies.ts';
import { CREDENTIALS } from './credentials.ts';
import { DATABASE, OVERFLOW } from './database.ts';
import { FRAMES } from './frames.ts';
import { PATHS } from './paths.ts';
import { PLAYS } from './plays.ts';
import { READERS } from './readers.ts';
import { Scene } from './scene.ts';
import { START } from './start.ts';
import { STREAMS } from './streams.ts';
import { TENANTS } from './tenants.ts';
import type { Seen } from './watch.ts';

const ALL = [PLAYS, READERS, STREAMS, BODIES, FRAMES, PATHS, TENANTS, START, DATABASE, CREDENTIALS, OVERFLOW].flat();
const HEAD = `| attack | before | now | worst health: REST, gRPC | another operator | most memory: server, Envoy |
|---|---|---|---|---|---|`;
const PATIENCE_MS = 1000;
/** No attack takes half of it. */
const ATTACK_MS = 120_000;

const { values } = parseArgs({ options: { only: { type: 'string', multiple: true, default: [''] } } });
const wanted = values.only.map((words) => words.toLowerCase().split(/\s+/));
const attacks = ALL.filter(({ name }) =>
  wanted.some((words) => words.every((word) => name.toLowerCase().includes(word))),
);
if (attacks.length === 0) throw new Error(`no attack is called ${values.only.join(' or ')}`);

const print = (line: string): void => void process.stdout.write(`${line}\n`);
const started = Date.now();
let faulty = 0;

function row({ name, before }: Pick<Attack, 'name' | 'before'>, { now, faults }: Finding, health: string): void {
  if (faults.length > 0) faulty += 1;
  const told = faults.length === 0 ? now : `**${faults.join('; ')}** (${now})`;
  print(`| ${[name, before, told].map((cell) => cell.replaceAll(/\s*[|\n]\s*/g, ' ')).join(' | ')} | ${health} |`);
}

const meanwhile = ({ restMs, grpcMs, rivalMs, serverMb, envoyMb }: Seen): string =>
  `${restMs}, ${grpcMs} ms | ${rivalMs} ms | ${serverMb}, ${envoyMb} MB`;

async function replay(scene: Scene, attack: Attack): Promise<void> {
  await scene.watch.calm();
  await scene.watch.takeWhole();
  const hung = sleep(ATTACK_MS, undefined, { ref: false }).then((): Finding => judge('', { 'it did not end': true }));
  const finding = await Promise.race([attack.run(scene), hung]).catch((error: Error): Finding => ({
    now: '',
    faults: [`the attack broke: ${error.message}`],
  }));
  const seen = await scene.watch.takeWhole();
  const { patienceMs = PATIENCE_MS } = attack;
  const faults = [...finding.faults];
  if (Math.max(seen.restMs, seen.grpcMs) > patienceMs) faults.push(`health took longer than ${patienceMs} ms`);
  if (seen.rivalMs > patienceMs) faults.push(`another operator waited longer than ${patienceMs} ms`);
  if (seen.unanswered > 0) faults.push(`of ${seen.asked} questions for health and calls: ${tally(seen.refused)}`);
  row(attack, { ...finding, faults }, meanwhile(seen));
}

async function verified(scene: Scene): Promise<Finding> {
  const trial = await scene.must('admin', 'LedgerService.GetTrialBalance', {});
  const env = { DATABASE_URL: scene.databaseUrl, MASTER_KEY, WINDFALL_MODE: 'development' };
  const { code, output } = await runCommand('node', ['src/tools/verify.ts'], env);
  const faults = code === 0 ? [] : [`verify: ${output.slice(0, 500)}`];
  if (trial.balanced !== true) faults.push('the ledger is out of balance');
  return { now: output, faults };
}

const stop = await startCluster();
try {
  const scene = await Scene.start();
  try {
    print(HEAD);
    for (const attack of attacks) await replay(scene, attack);
    row({ name: 'ledger and `verify` after all of them', before: '' }, await verified(scene), '| |');
  } finally {
    await scene.stop();
  }
} finally {
  await stop();
}
const seconds = Math.round((Date.now() - started) / 1000);
print(`\n${attacks.length} attacks, ${attacks.length + 1 - faulty} rows without harm, ${faulty} with; ${seconds} s`);
process.exit(faulty === 0 ? 0 : 1);
