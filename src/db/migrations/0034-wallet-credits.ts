import { Migration } from '@mikro-orm/migrations';

export class WalletCredits extends Migration {
  override up(): void {
    this.addSql(`alter table "pots_wallet_call" add "credit" bigint not null default 0, add "reason" bigint not null default 0, add "refusal" text not null default '', add "gameround" text not null default '', add "credited_at" timestamptz(6) not null default '1970-01-01 00:00:00+00';`);
    // What is credited already, kind 1645, is in the journal alone.
    this.addSql(`update "pots_wallet_call" set "credit" = "owed" where "owed" <> 0;`);
    this.addSql(`update "pots_wallet_call" c set "credit" = j.transfers[3], "credited_at" = j.time from "journal" j where j.operator_id = c.operator_id and j.aggregate_id = c.id and j.kind = 1645;`);
    this.addSql(`create index "pots_wallet_call_credits" on "pots_wallet_call" ("operator_id", "jackpot_id", "id") where credit <> 0;`);
  }

  override down(): void {
    this.addSql(`drop index "pots_wallet_call_credits";`);
    this.addSql(`alter table "pots_wallet_call" drop column "credit", drop column "reason", drop column "refusal", drop column "gameround", drop column "credited_at";`);
  }
}
