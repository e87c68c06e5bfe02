import pg from 'pg';
import { contribute as contributeWith, type ContributeAnswer } from '../../../src/engines/jackpot/commands/contribute.ts';
import { createJackpot } from '../../../src/engines/jackpot/commands/publish.ts';
import { dropJackpot, type DropAnswer } from '../../../src/engines/jackpot/commands/drop.ts';
import { bindJackpot, hitRateOf, type Definition, type Jackpot, type PotDefinition } from '../../../src/engines/jackpot/definition.ts';
import { MasterKeys, newStream } from '../../../src/fairness/index.ts';
import { verifyOperator, type CallOptions, type Journal } from '../../../src/journal/index.ts';
import { parseDecimal } from '../../../src/kernel/index.ts';
import { options } from '../../journal/fixture.ts';
import { runSql } from '../../support/sql.ts';

export const ASSET = 1;
export const keys = new MasterKeys([['1', Buffer.alloc(32, 7)]], '1');
export const contribute = contributeWith(keys);

/** A pot that takes whole contributions and is dropped from outside, but for what is given. */
export const pot = (more: Partial<PotDefinition>): Omit<PotDefinition, 'pot'> => ({
  id: 'main', share: '1', seedShare: '0', seed: '100', collect: 'to_seed', reseed: 'full', fixed: false, maxValue: null,
  externalDrop: true, hitRate: null, mustDrop: null, ...more,
});

let numbers = 1000;

/** Makes a jackpot. Its pots open with their seeds. */
export async function makeJackpot(
  journal: Journal, pots: readonly Omit<PotDefinition, 'pot'>[], more: Partial<Definition> = {},
): Promise<Jackpot> {
  const [id, versionId] = [numbers++, numbers++];
  const definition: Definition = {
    name: 'a jackpot', asset: 'USD', funding: 'operator', selector: 'all', pots: pots.map((one) => ({ pot: numbers++, ...one })), ...more,
  };
  await journal.run(createJackpot, {
    id, versionId, asset: ASSET, definition, code: `jackpot-${id}`, keyId: '1', streamName: newStream('jackpot'),
    configHash: Buffer.from(hitRateOf(definition)?.configHash ?? '', 'hex'),
    openings: pots.map(({ seed }) => ({ value: parseDecimal(seed)!, surplus: 0n, streamName: newStream('pot') })),
  }, options());
  return bindJackpot({ id, code: `jackpot-${id}`, version: 1, versionId, definition }, ASSET);
}

export const give = (
  journal: Journal, jackpot: Jackpot, player: number, amount: bigint, more: Partial<CallOptions> & { clientSeed?: string } = {},
): Promise<ContributeAnswer> =>
  journal.run(contribute, { jackpot, player, amount, clientSeed: more.clientSeed ?? '' }, options({ route: jackpot.id, ...more }));

export const drop = (journal: Journal, jackpot: Jackpot, more: { place?: number; winner?: number; keys?: readonly string[] } = {}): Promise<DropAnswer> =>
  journal.run(dropJackpot, {
    jackpot, pot: jackpot.pots[more.place ?? 0]!, winner: more.winner ?? 0, keyed: more.keys !== undefined,
  }, options({ route: jackpot.id, keys: more.keys ?? [], requestHash: 'h' }));

/** Money of a jackpot, in micro-units: as its rows have it, and as its account has it. */
export async function money(url: string, { id, account }: Jackpot): Promise<{ rows: bigint; account: bigint }> {
  const [rows] = await runSql(url, 'select (select sum(value + reserve + surplus) from jackpot_pot where jackpot_id = $1) + '
    + '(select house from jackpot where id = $1) as held', [id]);
  const [stored] = await runSql(url, 'select balance from account where id = $1', [account]);
  return { rows: BigInt(rows.held), account: BigInt(stored.balance) };
}

/** What the journal, folded anew, says against the rows: nothing. */
export async function differences(url: string): Promise<readonly string[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await verifyOperator(client, 1)).differences;
  } finally {
    await client.end();
  }
}
