import { Migration } from '@mikro-orm/migrations';

export class Tournaments extends Migration {
  override up(): void {
    this.addSql(`create table "tournament" (
      "operator_id" bigint not null,
      "id" bigint not null,
      "sequence" bigint not null default 0,
      "definition_id" bigint not null default 0,
      "season_id" bigint not null default 0,
      "season" bigint not null default 0,
      "start_at" timestamptz(6) not null default '1970-01-01 00:00:00+00',
      "end_at" timestamptz(6) not null default '1970-01-01 00:00:00+00',
      "next_at" timestamptz(6) not null default '1970-01-01 00:00:00+00',
      primary key ("operator_id", "id")
    );`);

    this.addSql(`create table "tournament_entry" (
      "operator_id" bigint not null,
      "id" bigint not null,
      "sequence" bigint not null default 0,
      "code" text collate "C" not null default '',
      "season_id" bigint not null default 0,
      "player_id" bigint not null default 0,
      "points" bigint not null default 0,
      "early" bigint not null default 0,
      "bucket" bigint not null default 0,
      "scores" bigint not null default 0,
      "paid" bigint not null default 0,
      primary key ("operator_id", "id")
    );`);
    this.addSql(`create index "tournament_entry_rank" on "tournament_entry" ("operator_id", "season_id", "points", "early") where early < 0;`);
    this.addSql(`create unique index "tournament_entry_code_unique" on "tournament_entry" ("operator_id", "code") where code <> '';`);

    this.addSql(`create table "tournament_points" (
      "operator_id" bigint not null,
      "id" bigint not null,
      "sequence" bigint not null default 0,
      "total" bigint not null default 0,
      "counters" bytea not null default '\\x',
      primary key ("operator_id", "id")
    );`);

    this.addSql(`create table "tournament_season" (
      "operator_id" bigint not null,
      "id" bigint not null,
      "sequence" bigint not null default 0,
      "tournament_id" bigint not null default 0,
      "definition_id" bigint not null default 0,
      "number" bigint not null default 0,
      "version" bigint not null default 0,
      "version_id" bigint not null default 0,
      "asset" bigint not null default 0,
      "status" bigint not null default 0,
      "start_at" timestamptz(6) not null default '1970-01-01 00:00:00+00',
      "end_at" timestamptz(6) not null default '1970-01-01 00:00:00+00',
      "closed_at" timestamptz(6) not null default '1970-01-01 00:00:00+00',
      "pool" bigint not null default 0,
      "buy_ins" bigint not null default 0,
      "entries" bigint not null default 0,
      "paid" bigint not null default 0,
      "ranked" bigint not null default 0,
      "scores" bigint not null default 0,
      "brand" bigint not null default 0,
      "block" bigint not null default 0,
      primary key ("operator_id", "id")
    );`);
    this.addSql(`create index "tournament_season_number" on "tournament_season" ("operator_id", "tournament_id", "number");`);
  }

  override down(): void {
    this.addSql(`drop table if exists "tournament" cascade;`);
    this.addSql(`drop table if exists "tournament_entry" cascade;`);
    this.addSql(`drop table if exists "tournament_points" cascade;`);
    this.addSql(`drop table if exists "tournament_season" cascade;`);
  }
}
