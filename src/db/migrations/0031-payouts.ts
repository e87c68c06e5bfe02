import { Migration } from '@mikro-orm/migrations';

export class Payouts extends Migration {
  override up(): void {
    this.addSql(`create table "jackpot_payout" (
      "operator_id" bigint not null,
      "id" bigint not null,
      "sequence" bigint not null default 0,
      "code" text collate "C" not null default '',
      "jackpot_id" bigint not null default 0,
      "pot_id" bigint not null default 0,
      "player_id" bigint not null default 0,
      "escrow_of" bigint not null default 0,
      "amount" bigint not null default 0,
      "asset" bigint not null default 0,
      "paid" bigint not null default 0,
      "cause" bigint not null default 0,
      "state" bigint not null default 0,
      "won_at" timestamptz(6) not null default '1970-01-01 00:00:00+00',
      "settled_at" timestamptz(6) not null default '1970-01-01 00:00:00+00',
      primary key ("operator_id", "id")
    );`);
    this.addSql(`create index "jackpot_payout_jackpot" on "jackpot_payout" ("operator_id", "jackpot_id", "id");`);
    this.addSql(`create unique index "jackpot_payout_code_unique" on "jackpot_payout" ("operator_id", "code") where code <> '';`);
  }

  override down(): void {
    this.addSql(`drop table if exists "jackpot_payout" cascade;`);
  }
}
