import { Migration } from '@mikro-orm/migrations';

export class WalletWaiting extends Migration {
  override up(): void {
    this.addSql(`create index "pots_wallet_call_waiting" on "pots_wallet_call" ("operator_id") where is_open = 1 and refusal = '';`);
  }

  override down(): void {
    this.addSql(`drop index "pots_wallet_call_waiting";`);
  }
}
