import { Migration } from '@mikro-orm/migrations';

export class RaffleRounds extends Migration {
  override up(): void {
    this.addSql(`create table "jackpot_round" (
      "operator_id" bigint not null,
      "id" bigint not null,
      "sequence" bigint not null default 0,
      "jackpot_id" bigint not null default 0,
      "number" bigint not null default 0,
      "start_at" timestamptz(6) not null default '1970-01-01 00:00:00+00',
      "end_at" timestamptz(6) not null default '1970-01-01 00:00:00+00',
      "closed_by" text not null default '',
      primary key ("operator_id", "id")
    );`);
    this.addSql(`create index "jackpot_round_number" on "jackpot_round" ("operator_id", "jackpot_id", "number");`);
    this.addSql(`create index "jackpot_round_open" on "jackpot_round" ("operator_id", "id") where closed_by = '';`);

    this.addSql(`create table "pots_tickets" (
      "operator_id" bigint not null,
      "id" bigint not null,
      "sequence" bigint not null default 0,
      "code" text collate "C" not null default '',
      "round_id" bigint not null default 0,
      "player_id" bigint not null default 0,
      "brand_id" bigint not null default 0,
      "tickets" bigint not null default 0,
      "carried" bigint not null default 0,
      primary key ("operator_id", "id")
    );`);
    this.addSql(`create index "pots_tickets_round" on "pots_tickets" ("operator_id", "round_id", "id");`);
    this.addSql(`create unique index "pots_tickets_code_unique" on "pots_tickets" ("operator_id", "code") where code <> '';`);
  }

  override down(): void {
    this.addSql(`drop table if exists "jackpot_round" cascade;`);
    this.addSql(`drop table if exists "pots_tickets" cascade;`);
  }
}
