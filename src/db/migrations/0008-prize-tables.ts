import { Migration } from '@mikro-orm/migrations';

export class PrizeTables extends Migration {
  override up(): void {
    this.addSql(`create table "play_counter" (
      "operator_id" bigint not null,
      "id" bigint not null,
      "sequence" bigint not null default 0,
      "code" text collate "C" not null default '',
      "plays" bigint not null default 0,
      "last_at" timestamptz(6) not null default '1970-01-01 00:00:00+00',
      "run" bigint not null default 0,
      "utc_day" bigint not null default 0,
      "utc_plays" bigint not null default 0,
      "player_day" bigint not null default 0,
      "player_plays" bigint not null default 0,
      primary key ("operator_id", "id")
    );`);
    this.addSql(`create unique index "play_counter_code_unique" on "play_counter" ("operator_id", "code") where code <> '';`);

    this.addSql(`create table "prize_stock" (
      "operator_id" bigint not null,
      "id" bigint not null,
      "sequence" bigint not null default 0,
      "won" bytea not null default '\\x',
      primary key ("operator_id", "id")
    );`);
  }

  override down(): void {
    this.addSql(`drop table if exists "play_counter" cascade;`);
    this.addSql(`drop table if exists "prize_stock" cascade;`);
  }
}
