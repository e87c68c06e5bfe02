import pg from 'pg';
import type { JackpotDefinitionV2, PotDefinitionV2 } from '../../../gen/ts/windfall/facts/v1/jackpot.ts';
import { changeDefinition } from '../../../src/catalogue/index.ts';
import { bindJackpot, type Jackpot } from '../../../src/engines/jackpot/bound.ts';
import { jackpots } from '../../../src/engines/jackpot/definition.ts';
import { contributing, type ContributeAnswer } from '../../../src/engines/jackpot/operations/contribute-to-jackpot.ts';
import { dropping, type DropAnswer } from '../../../src/engines/jackpot/operations/drop-jackpot.ts';
import { MasterKeys, type WinSelector } from '../../../src/fairness/index.ts';
import { verifyOperator, type CallOptions, type Journal } from '../../../src/journal/index.ts';
import { parseDecimal } from '../../../src/kernel/index.ts';
import { options, register } from '../../journal/fixture.ts';
import { runSql } from '../../support/sql.ts';

export const ASSET = 1;
export const keys = new MasterKeys([['1', Buffer.alloc(32, 7)]], '1');
export const contribute = contributing(keys);

type MustDropTerms =
  | { readonly kind: 'value'; readonly at: string }
  | { readonly kind: 'time'; readonly seconds: number; readonly hidden?: boolean };

/** A pot as tests write it: shares and amounts are decimals. */
export interface PotTerms {
  readonly id: string;
  readonly share: string;
  readonly seedShare: string;
  readonly seed: string;
  readonly collect: 'to_seed' | 'always';
  readonly reseed: 'full' | 'minimum';
  readonly fixed: boolean;
  readonly maxValue: string | null;
  readonly externalDrop: boolean;
  readonly hitRate: { readonly cost: string; readonly odds: number } | null;
  readonly mustDrop: MustDropTerms | null;
  readonly maxStep: string;
  readonly minContribution: string;
  readonly initialValue: string | null;
}

/** A pot that takes whole contributions and is dropped from outside, but for what is given. */
export const pot = (more: Partial<PotTerms>): PotTerms => ({
  id: 'main',
  share: '1',
  seedShare: '0',
  seed: '100',
  collect: 'to_seed',
  reseed: 'full',
  fixed: false,
  maxValue: null,
  externalDrop: true,
  hitRate: null,
  mustDrop: null,
  maxStep: '0',
  minContribution: '0',
  initialValue: null,
  ...more,
});

const micros = (text: string): bigint => parseDecimal(text)!;

/** A pot as definitions have it. */
export function potDefinition(
  { id, maxValue, hitRate, mustDrop, ...terms }: PotTerms,
  number: number,
): PotDefinitionV2 {
  return {
    pot: BigInt(number),
    code: id,
    share: micros(terms.share),
    fixedShare: 0n,
    seedShare: micros(terms.seedShare),
    seed: micros(terms.seed),
    initialValue: micros(terms.initialValue ?? terms.seed),
    surplus: 0n,
    collectAlways: terms.collect === 'always',
    reseedMinimum: terms.reseed === 'minimum',
    fixed: terms.fixed,
    maxValue: maxValue === null ? undefined : micros(maxValue),
    externalDrop: terms.externalDrop,
    hitCost: hitRate === null ? 0n : micros(hitRate.cost),
    hitOdds: BigInt(hitRate?.odds ?? 0),
    maxStep: micros(terms.maxStep),
    minBaseWager: 0n,
    maxStarts: 0,
    community: [],
    minContribution: micros(terms.minContribution),
    mustDropValue: mustDrop?.kind === 'value' ? micros(mustDrop.at) : 0n,
    mustDropSeconds: mustDrop?.kind === 'time' ? BigInt(mustDrop.seconds) : 0n,
    mustDropHidden: mustDrop?.kind === 'time' && mustDrop.hidden === true,
  };
}

let numbers = 1000;

/** Creates a jackpot that is active at once. Its pots open with their seeds. */
export async function makeJackpot(
  journal: Journal,
  pots: readonly PotTerms[],
  { operatorShare = '1', selector = 'all' }: { operatorShare?: string; selector?: WinSelector } = {},
): Promise<Jackpot> {
  const [id, versionId, jackpot] = [numbers++, numbers++, numbers++];
  const content: JackpotDefinitionV2 = {
    jackpot: BigInt(jackpot),
    name: 'a jackpot',
    asset: 'USD',
    operatorShare: micros(operatorShare),
    selector,
    instance: undefined,
    pots: pots.map((one) => potDefinition(one, numbers++)),
  };
  const code = `jackpot-${jackpot}`;
  const stored = {
    versionId: BigInt(versionId),
    format: jackpots.format,
    definition: Buffer.from(jackpots.encode(content)),
    configHash: Buffer.from(jackpots.configHash(content)),
  };
  await journal.run(
    changeDefinition(jackpots),
    {
      act: 'create',
      id,
      code,
      content,
      sequence: 0,
      base: null,
      reason: '',
      expectedVersion: 0,
      keyed: false,
      desired: { content: stored, status: '', effectiveAt: 0, touches: true },
      prepared: jackpots.opening!.prepare(content, keys),
      assetNo: () => ASSET,
    },
    options(),
  );
  return bindJackpot({ definitionId: id, code, version: 1, versionId, content }, ASSET);
}

/** What names a player of tests in public proofs. */
export const hashOf = (player: number): string => String(player).padStart(32, '0');

export const give = (
  journal: Journal,
  jackpot: Jackpot,
  player: number,
  amount: bigint,
  { clientSeed = '', ...more }: Partial<CallOptions> & { clientSeed?: string } = {},
): Promise<ContributeAnswer> =>
  journal.run(
    contribute,
    { jackpot, player, playerHash: hashOf(player), amount, clientSeed },
    options({ route: jackpot.id, ...more }),
  );

export const drop = (
  journal: Journal,
  jackpot: Jackpot,
  more: { place?: number; winner?: number; keys?: readonly string[] } = {},
): Promise<DropAnswer> =>
  journal.run(
    dropping,
    {
      jackpot,
      pot: jackpot.pots[more.place ?? 0]!,
      winner: more.winner ?? 0,
      number: 0,
      award: more.winner === undefined ? null : 'an award',
      brand: null,
      owing: undefined,
      keyed: more.keys !== undefined,
    },
    options({ route: jackpot.id, keys: more.keys ?? [], requestHash: 'h' }),
  );

/** The money of a jackpot, in micro-units: according to its rows, and according to its account. */
export async function money(url: string, { id, account }: Jackpot): Promise<{ rows: bigint; account: bigint }> {
  const [rows] = await runSql(
    url,
    'select (select sum(value + reserve + surplus) from jackpot_pot ' +
      'where jackpot_id = $1) + (select house from jackpot where id = $1) as held',
    [id],
  );
  const [stored] = await runSql(url, 'select balance from account where id = $1', [account]);
  return { rows: BigInt(rows.held), account: BigInt(stored.balance) };
}

/** Asserts that the rows equal the folded journal. */
export async function differences(url: string): Promise<readonly string[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await verifyOperator(client, register, 1)).differences;
  } finally {
    await client.end();
  }
}
