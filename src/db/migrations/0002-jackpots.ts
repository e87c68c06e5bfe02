import { Migration } from '@mikro-orm/migrations';

export class Jackpots extends Migration {
  override up(): void {
    this.addSql(`create table "jackpot" (
      "operator_id" bigint not null,
      "id" bigint not null,
      "sequence" bigint not null default 0,
      "code" text not null default '',
      "status" bigint not null default 0,
      "version" bigint not null default 0,
      "version_id" bigint not null default 0,
      "asset" bigint not null default 0,
      "house" bigint not null default 0,
      "contributions" bigint not null default 0,
      "contributed" bigint not null default 0,
      "nonce" bigint not null default 0,
      "created_at" timestamptz(6) not null default '1970-01-01 00:00:00+00',
      "updated_at" timestamptz(6) not null default '1970-01-01 00:00:00+00',
      primary key ("operator_id", "id")
    );`);
    this.addSql(`create unique index "jackpot_code_unique" on "jackpot" ("operator_id", "code" collate "C") where "code" <> '';`);

    this.addSql(`create table "jackpot_hits" (
      "operator_id" bigint not null,
      "id" bigint not null,
      "sequence" bigint not null default 0,
      "recent" text not null default '',
      primary key ("operator_id", "id")
    );`);

    this.addSql(`create table "jackpot_pot" (
      "operator_id" bigint not null,
      "id" bigint not null,
      "sequence" bigint not null default 0,
      "jackpot_id" bigint not null default 0,
      "code" text not null default '',
      "value" bigint not null default 0,
      "reserve" bigint not null default 0,
      "surplus" bigint not null default 0,
      "contributed" bigint not null default 0,
      "overflow" bigint not null default 0,
      "paid" bigint not null default 0,
      "hits" bigint not null default 0,
      "cycle" bigint not null default 0,
      "last_player" bigint not null default 0,
      "trigger_from" bigint not null default 0,
      "trigger_to" bigint not null default 0,
      "due_at" timestamptz(6) not null default '1970-01-01 00:00:00+00',
      "won_at" timestamptz(6) not null default '1970-01-01 00:00:00+00',
      primary key ("operator_id", "id")
    );`);

    this.addSql(`create table "jackpot_version" (
      "operator_id" bigint not null,
      "id" bigint not null,
      "sequence" bigint not null default 0,
      "jackpot_id" bigint not null default 0,
      "version" bigint not null default 0,
      "definition" text not null default '',
      "config_hash" bytea not null default '\\x',
      "published_at" timestamptz(6) not null default '1970-01-01 00:00:00+00',
      primary key ("operator_id", "id")
    );`);
  }

  override down(): void {
    this.addSql(`drop table if exists "jackpot" cascade;`);
    this.addSql(`drop table if exists "jackpot_hits" cascade;`);
    this.addSql(`drop table if exists "jackpot_pot" cascade;`);
    this.addSql(`drop table if exists "jackpot_version" cascade;`);
  }
}
