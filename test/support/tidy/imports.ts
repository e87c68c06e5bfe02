import { dirname, join } from 'node:path/posix';
import { alone, source, type Rule, type Source } from './rule.ts';

/**
 * Imports only go to lower levels; type imports count. Engines share a level, so none may import another; pots are the
 * second face of the jackpot engine, and stand on it.
 */
const LEVELS: Readonly<Record<string, number>> = {
  kernel: 0,
  db: 1,
  rpc: 1,
  journal: 2,
  fairness: 3,
  mark: 3,
  tenants: 3,
  players: 4,
  ledger: 4,
  tickets: 4,
  catalogue: 4,
  live: 4,
  platform: 5,
  rewards: 5,
  events: 5,
  webhooks: 6,
  prizes: 6,
  settlements: 6,
  wallets: 6,
  services: 7,
  tasks: 7,
  'engines/kit': 8,
  'engines/*': 9,
  'engines/pots': 10,
  engines: 11,
  tools: 12,
};
/** From this level on, parts may use the contract's messages; lower ones may only use facts and errors. */
const CONTRACT_LEVEL = LEVELS['services']!;
const VERIFIER = /^src\/fairness\/verifier(\.ts$|\/)/;

interface Import {
  readonly from: string;
  /** The path of the file, or the name of a package. */
  readonly to: string;
}

const IMPORT = /^(?:import|export)\s+(?:type\s)?(?:[^'";]*?\sfrom\s+)?'([^']+)'/gm;

function importsOf({ path, text }: Source): Import[] {
  return [...text.matchAll(IMPORT)].map(([, target]) => ({
    from: path,
    to: target!.startsWith('.') ? join(dirname(path), target!) : target!,
  }));
}

/**
 * The part that a file belongs to: `journal`, `engines/lootbox`, `rpc`, `gen`; null for packages and files in no
 * folder.
 */
function partOf(path: string): string | null {
  const [top, area, name, ...more] = path.split('/');
  if (top === 'gen') return 'gen';
  if (top !== 'src' || name === undefined) return null;
  return area === 'engines' && more.length > 0 ? `engines/${name}` : area!;
}

const levelOf = (part: string): number | undefined =>
  LEVELS[part] ?? (part.startsWith('engines/') ? LEVELS['engines/*'] : undefined);

/** Checks the imports of one part by another. */
function checkImports(find: (one: Import, from: string, to: string) => string | null): Rule['check'] {
  return (sources) =>
    sources
      .filter(({ path }) => path.startsWith('src/'))
      .flatMap(importsOf)
      .flatMap((one) => {
        const [from, to] = [partOf(one.from), partOf(one.to)];
        const complaint = from === null || to === null || from === to ? null : find(one, from, to);
        return complaint === null ? [] : [`${one.from} imports ${one.to}: ${complaint}`];
      });
}

const layers = checkImports((_, from, to) => {
  if (to === 'gen') return null;
  const [above, below] = [levelOf(from), levelOf(to)];
  if (above === undefined || below === undefined) return 'there is no such layer';
  return below < above ? null : 'it is no layer below';
});

/** Files in no folder put the parts together. No part may import them, except tools, which need settings and schema. */
function bases(sources: readonly Source[]): string[] {
  return sources
    .filter(({ path }) => partOf(path) !== null && !path.startsWith('src/tools/'))
    .flatMap(importsOf)
    .filter(({ from, to }) => from.startsWith('src/') && to.startsWith('src/') && partOf(to) === null)
    .map(({ from, to }) => `${from} imports ${to}: it puts the parts together`);
}

const doors = checkImports((one, from, to) => {
  const open = to === 'gen' || one.to.endsWith('/index.ts') || (from === 'engines' && one.to.endsWith('/engine.ts'));
  return open ? null : 'other folders are entered by index.ts';
});

const contract = checkImports((one, from, to) => {
  if (to !== 'gen' || /^gen\/ts\/(windfall\/(facts|common)|google)\//.test(one.to)) return null;
  return levelOf(from)! >= CONTRACT_LEVEL ? null : 'services and engines alone know the contract';
});

/** Import cycles; type imports count. */
function circles(sources: readonly Source[]): string[] {
  const edges = new Map(
    sources
      .filter(({ path }) => path.startsWith('src/'))
      .map((source) => [
        source.path,
        importsOf(source)
          .map(({ to }) => to)
          .filter((to) => to.startsWith('src/')),
      ]),
  );
  const reaches = (start: string, goal: string, seen = new Set<string>()): boolean =>
    (edges.get(start) ?? []).some((next) => next === goal || (!seen.has(next) && reaches(next, goal, seen.add(next))));
  return [...edges.keys()].filter((file) => reaches(file, file)).map((file) => `${file} imports itself in a circle`);
}

function verifier(sources: readonly Source[]): string[] {
  return sources
    .filter(({ path }) => VERIFIER.test(path))
    .flatMap(importsOf)
    .filter(({ to }) => !to.startsWith('node:') && !VERIFIER.test(to))
    .map(({ from, to }) => `${from} imports ${to}: auditors run the verifier alone`);
}

/** What files may import. Each rule has examples that break it. */
export const importRules: readonly Rule[] = [
  {
    name: 'imports go down the layers',
    check: layers,
    wrong: [
      alone('src/db/a.ts', "import { b } from '../journal/index.ts';"),
      alone('src/ledger/a.ts', "import { b } from '../engines/lootbox/index.ts';"),
      alone('src/engines/lootbox/a.ts', "import { b } from '../raffle/index.ts';"),
      alone('src/engines/kit/a.ts', "import type { B } from '../lootbox/index.ts';"),
      alone('src/journal/a.ts', "import type { B } from '../players/index.ts';"),
      alone('src/rpc/a.ts', "import { b } from '../db/index.ts';"),
      alone('src/strange/a.ts', "import { b } from '../db/index.ts';"),
    ],
  },
  {
    name: 'what puts the parts together is known by none of them',
    check: bases,
    wrong: [alone('src/journal/a.ts', "import { b } from '../server.ts';")],
  },
  {
    name: 'other folders are entered by index.ts',
    check: doors,
    wrong: [alone('src/ledger/a.ts', "import {\n  b,\n} from '../journal/batch.ts';")],
  },
  {
    name: 'services and engines alone know the contract',
    check: contract,
    wrong: [alone('src/players/rules.ts', "import type { B } from '../../gen/ts/windfall/player/v1/player.ts';")],
  },
  {
    name: 'no circles of imports',
    check: circles,
    wrong: [
      [
        source('src/players/a.ts', "import type { b } from './b.ts';"),
        source('src/players/b.ts', "export { c } from '../tenants/c.ts';"),
        source('src/tenants/c.ts', "import type { A } from '../players/a.ts';"),
      ],
    ],
  },
  {
    name: 'the verifier stands alone',
    check: verifier,
    wrong: [
      alone('src/fairness/verifier.ts', "import { draw } from './draw.ts';"),
      alone('src/fairness/verifier/dice.ts', "import type { Draw } from '../draw.ts';"),
      alone('src/fairness/verifier/json.ts', "import canonicalize from 'canonicalize';"),
    ],
  },
];
