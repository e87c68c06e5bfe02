import pg from 'pg';
import { engines } from '../../src/engines/index.ts';
import { verifyOperator } from '../../src/journal/index.ts';
import { registerOf } from '../../src/schema.ts';
import { owedReason } from '../../src/wallets/index.ts';
import type { WalletServer } from '../engines/pots/wallet-server.ts';
import { assertBooks } from '../engines/pots/wallet-stage.ts';
import { runSql } from '../support/sql.ts';
import type { TwoServers } from './two-servers.ts';
import type { Scene } from './wallets-scene.ts';

/** A call, as its caller has seen it. */
interface Call {
  readonly answer: string | undefined;
  readonly isAsync: boolean;
  readonly reason: string;
  readonly pending: number;
  readonly contradictions: readonly string[];
}

/** What is wrong after all of it, and what there was. */
export async function audit(world: TwoServers, wallet: WalletServer, { all }: Scene, calls: readonly Call[]) {
  const problems = calls.flatMap(({ contradictions }) => contradictions);
  const { databaseUrl } = world;
  const { contributed } = await assertBooks(wallet, databaseUrl).catch((error: Error) => {
    problems.push(error.message);
    return { contributed: 0 };
  });
  const [rows] = await runSql(
    databaseUrl,
    'select count(*) filter (where is_callback = 1)::int as async, ' +
      'count(*) filter (where is_callback = 1 and state = 3)::int as done from pots_wallet_call',
  );
  const [facts] = await runSql(databaseUrl, 'select count(*)::int as told from journal where kind = 1630');
  const done = calls.filter(({ answer, isAsync }) => answer !== undefined && !isAsync).length;
  if (contributed !== done + rows.done) problems.push(`${contributed} contributions, ${done} + ${rows.done} expected`);
  if (facts.told !== rows.async) problems.push(`${rows.async} acknowledged, ${facts.told} results`);
  let total = 0;
  for (const instance_id of all) {
    const shown = await world.must('service', 'InstanceService.GetInstance', { instance_id });
    total += Number((shown.instance ?? shown).total_contributions);
  }
  if (total !== contributed) problems.push(`${total} contributions of the instances, not ${contributed}`);
  problems.push(...(await moneyProblems(world, wallet)));
  const owed = await runSql(
    databaseUrl,
    "select reason, count(*)::int as n from pots_wallet_call where debit_id = '' group by reason order by reason",
  );
  const [settled] = await runSql(databaseUrl, 'select count(*)::int as rejected from jackpot_payout where state = 3');
  const answers = calls.map(({ answer, isAsync, reason }) =>
    answer === undefined ? reason : isAsync ? 'acknowledged' : 'contributed',
  );
  return {
    problems,
    contributed,
    rejected: settled.rejected as number,
    owed: Object.fromEntries(owed.map(({ reason, n }) => [REASONS.get(Number(reason))!, n as number])),
    cancelled: [...wallet.debits.values()].filter(({ cancelled }) => cancelled).length,
    pending: calls.reduce((sum, one) => sum + one.pending, 0),
    answers: Object.fromEntries([...Map.groupBy(answers, (one) => one)].map(([name, all]) => [name, all.length])),
  };
}

const REASONS = new Map<number, string>(Object.entries(owedReason).map(([name, number]) => [number, name]));

/** What is wrong with the money of players, in the wallet and in the built-in ledger, and with the books. */
async function moneyProblems({ databaseUrl, must }: TwoServers, wallet: WalletServer): Promise<string[]> {
  const problems: string[] = [];
  for (const [player, balance] of wallet.balances) {
    const expected = 100_000_000_000n - wallet.takenFrom(player) + wallet.givenTo(player);
    if (balance !== expected) problems.push(`${player} has ${balance}, not ${expected}`);
  }
  // Each win that was not withheld, and each release, by the journal; and what the wallet has been asked for.
  const [sums] = await runSql(databaseUrl, WON);
  if (sums.won !== sums.credited) problems.push(`players got ${sums.won}, the wallet was to credit ${sums.credited}`);
  if (Number(sums.kept) !== 0) problems.push(`${sums.kept} players have money in the built-in ledger`);
  const trial = await must('admin', 'LedgerService.GetTrialBalance', {});
  if (trial.balanced !== true) problems.push('the trial balance is not zero');
  const client = new pg.Client(databaseUrl);
  await client.connect();
  try {
    const { differences } = await verifyOperator(client, registerOf(engines), 1);
    return [...problems, ...differences.map((one) => JSON.stringify(one))];
  } finally {
    await client.end();
  }
}

/** What pots and escrow accounts (kinds 2 and 1) have paid to players (0), and what became payable (20). */
const WON = `with moved as (
  select transfers[i] % 32 as source, transfers[i + 1] % 32 as target, transfers[i + 2] as amount
  from journal, generate_series(1, cardinality(transfers), 3) i
)
select coalesce(sum(amount) filter (where source in (1, 2) and target = 0), 0)::text as won,
  coalesce(sum(amount) filter (where target = 20), 0)::text as credited,
  (select count(*) from account where id % 32 = 0 and balance <> 0) as kept
from moved`;
