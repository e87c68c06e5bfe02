import { Gauge, type Registry } from 'prom-client';
import { readText } from '../../../journal/index.ts';
import { toNumber } from '../../../kernel/index.ts';
import type { Platform } from '../../../platform/index.ts';
import type { Tenant } from '../../../tenants/index.ts';
import { walletState } from '../../../wallets/index.ts';

/** What an open row waits for. */
const WAITS = new Map<number, string>([
  [walletState.reserved, 'debit'],
  [walletState.cancelling, 'cancel'],
  [walletState.contributed, 'credit'],
]);

const OPEN =
  'select c.state, c.asset, count(*) as count, sum(c.owed) as owed, ' +
  'extract(epoch from clock_timestamp() - min(c.reserved_at)) as age ' +
  'from pots_wallet_call c where c.operator_id = $1 and c.is_open = 1 group by c.state, c.asset';

/** Adds the meters of what the operator's HTTP wallet has not answered yet. */
export async function meterWallet({ reads }: Pick<Platform, 'reads'>, tenant: Tenant, registry: Registry) {
  const labelNames = ['waits_for', 'currency'];
  const gauge = (name: string, help: string): Gauge =>
    new Gauge({ name: `windfall_pots_wallet_${name}`, help, labelNames, registers: [registry] });
  const open = gauge('open', 'Contributions for which the HTTP wallet has not answered yet.');
  const oldest = gauge('oldest_seconds', 'The age of the oldest of them.');
  const owed = gauge('owed', 'What the wallet is still to credit.');
  const rows = await reads((em) =>
    readText<Record<'state' | 'asset' | 'count' | 'owed' | 'age', string>>(em, OPEN, [tenant.operator]),
  );
  for (const row of rows) {
    const labels = { waits_for: WAITS.get(Number(row.state))!, currency: tenant.assetCode(Number(row.asset)) };
    open.set(labels, Number(row.count));
    oldest.set(labels, Math.max(0, Number(row.age)));
    owed.set(labels, toNumber(BigInt(row.owed)));
  }
}
