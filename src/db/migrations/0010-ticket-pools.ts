import { Migration } from '@mikro-orm/migrations';

export class TicketPools extends Migration {
  override up(): void {
    this.addSql(`create table "ticket_entry" (
      "operator_id" bigint not null,
      "id" bigint not null,
      "sequence" bigint not null default 0,
      "pool_id" bigint not null default 0,
      "first_ticket" bigint not null default 0,
      "count" bigint not null default 0,
      "player" bigint not null default 0,
      "player_hash" text not null default '',
      "free" bigint not null default 0,
      "free_asset" bigint not null default 0,
      "paid" bigint not null default 0,
      "paid_asset" bigint not null default 0,
      "sold_at" timestamptz(6) not null default '1970-01-01 00:00:00+00',
      primary key ("operator_id", "id")
    );`);
    this.addSql(`create index "ticket_entry_number" on "ticket_entry" ("operator_id", "pool_id", "first_ticket");`);
    this.addSql(`create index "ticket_entry_player" on "ticket_entry" ("operator_id", "pool_id", "player", "first_ticket");`);

    this.addSql(`create table "ticket_holder" (
      "operator_id" bigint not null,
      "id" bigint not null,
      "sequence" bigint not null default 0,
      "code" text collate "C" not null default '',
      "tickets" bigint not null default 0,
      primary key ("operator_id", "id")
    );`);
    this.addSql(`create unique index "ticket_holder_code_unique" on "ticket_holder" ("operator_id", "code") where code <> '';`);

    this.addSql(`create table "ticket_pool" (
      "operator_id" bigint not null,
      "id" bigint not null,
      "sequence" bigint not null default 0,
      "definition_id" bigint not null default 0,
      "state" bigint not null default 0,
      "tickets" bigint not null default 0,
      "entries" bigint not null default 0,
      "brand" bigint not null default 0,
      "pool_hash" text not null default '',
      "closed_at" timestamptz(6) not null default '1970-01-01 00:00:00+00',
      "beacon_chain" text not null default '',
      "beacon_round" bigint not null default 0,
      "entropy" text not null default '',
      "entropy_source" text not null default '',
      "ended_by" text not null default '',
      "ended_at" timestamptz(6) not null default '1970-01-01 00:00:00+00',
      primary key ("operator_id", "id")
    );`);
  }

  override down(): void {
    this.addSql(`drop table if exists "ticket_entry" cascade;`);
    this.addSql(`drop table if exists "ticket_holder" cascade;`);
    this.addSql(`drop table if exists "ticket_pool" cascade;`);
  }
}
