import { Migration } from '@mikro-orm/migrations';

export class Journeys extends Migration {
  override up(): void {
    this.addSql(`create table "definition_shelf" (
      "operator_id" bigint not null,
      "id" bigint not null,
      "sequence" bigint not null default 0,
      "changes" bigint not null default 0,
      primary key ("operator_id", "id")
    );`);

    this.addSql(`create table "journey" (
      "operator_id" bigint not null,
      "id" bigint not null,
      "sequence" bigint not null default 0,
      "definition_id" bigint not null default 0,
      "place" bigint not null default 0,
      primary key ("operator_id", "id")
    );`);

    this.addSql(`create table "journey_board" (
      "operator_id" bigint not null,
      "id" bigint not null,
      "sequence" bigint not null default 0,
      "places" bigint not null default 0,
      "due_at" timestamptz(6) not null default '1970-01-01 00:00:00+00',
      "after" bigint not null default 0,
      primary key ("operator_id", "id")
    );`);

    this.addSql(`create table "journey_progress" (
      "operator_id" bigint not null,
      "id" bigint not null,
      "sequence" bigint not null default 0,
      "code" text collate "C" not null default '',
      "player_id" bigint not null default 0,
      "brand_id" bigint not null default 0,
      "status" bigint not null default 0,
      "steps" bigint not null default 0,
      "started_at" timestamptz(6) not null default '1970-01-01 00:00:00+00',
      "stepped_at" timestamptz(6) not null default '1970-01-01 00:00:00+00',
      primary key ("operator_id", "id")
    );`);
    this.addSql(`create unique index "journey_progress_code_unique" on "journey_progress" ("operator_id", "code") where code <> '';`);

    this.addSql(`create table "player_activity" (
      "operator_id" bigint not null,
      "player_id" bigint not null,
      "day" int not null,
      primary key ("operator_id", "player_id")
    );`);
    this.addSql(`create index "player_activity_day" on "player_activity" ("operator_id", "day", "player_id");`);
  }

  override down(): void {
    this.addSql(`drop table if exists "definition_shelf" cascade;`);
    this.addSql(`drop table if exists "journey" cascade;`);
    this.addSql(`drop table if exists "journey_board" cascade;`);
    this.addSql(`drop table if exists "journey_progress" cascade;`);
    this.addSql(`drop table if exists "player_activity" cascade;`);
  }
}
