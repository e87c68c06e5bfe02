import { Migration } from '@mikro-orm/migrations';

export class PotsWallets extends Migration {
  override up(): void {
    this.addSql(`create table "pots_wallet_call" (
      "operator_id" bigint not null,
      "id" bigint not null,
      "sequence" bigint not null default 0,
      "player_id" bigint not null default 0,
      "jackpot_id" bigint not null default 0,
      "asset" bigint not null default 0,
      "wallet" bigint not null default 0,
      "amount" bigint not null default 0,
      "owed" bigint not null default 0,
      "state" bigint not null default 0,
      "is_open" bigint not null default 0,
      "is_callback" bigint not null default 0,
      "debit_id" text not null default '',
      "contribution_id" text not null default '',
      "reserved_at" timestamptz(6) not null default '1970-01-01 00:00:00+00',
      primary key ("operator_id", "id")
    );`);
    this.addSql(`create index "pots_wallet_call_open" on "pots_wallet_call" ("operator_id", "id") where is_open = 1;`);

    this.addSql(`create table "pots_wallet_token" (
      "operator_id" bigint not null,
      "id" bigint not null,
      "token" text not null,
      primary key ("operator_id", "id")
    );`);

    this.addSql(`create table "pots_wallet_version" (
      "operator_id" bigint not null,
      "version" int not null,
      "url" text not null,
      "secret" text not null,
      "timeout_ms" int not null,
      "tries" int not null,
      "retry_ms" int not null,
      "back_off" int not null,
      primary key ("operator_id", "version")
    );`);

    this.addSql(`alter table "pots_wallet" add "version" int not null default 0;`);
  }

  override down(): void {
    this.addSql(`drop table if exists "pots_wallet_call" cascade;`);
    this.addSql(`drop table if exists "pots_wallet_token" cascade;`);
    this.addSql(`drop table if exists "pots_wallet_version" cascade;`);

    this.addSql(`alter table "pots_wallet" drop column "version";`);
  }
}
