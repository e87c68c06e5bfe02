import { Migration } from '@mikro-orm/migrations';

export class PotsConfig extends Migration {
  override up(): void {
    this.addSql(`create table "pots_currency" (
      "operator_id" bigint not null,
      "brand_id" int not null,
      "base" text collate "C" not null,
      "multipliers" jsonb not null,
      primary key ("operator_id", "brand_id")
    );`);

    this.addSql(`create table "pots_route" (
      "operator_id" bigint not null,
      "route_id" bigserial not null,
      "kind" smallint not null,
      "code" text collate "C" not null,
      "brand_id" int not null,
      "name" text null,
      "priority" int not null default 0,
      "jackpots" jsonb not null,
      primary key ("operator_id", "route_id")
    );`);
    this.addSql(`alter table "pots_route" add constraint "pots_route_code" unique ("operator_id", "kind", "code", "brand_id");`);

    this.addSql(`create table "pots_wallet" (
      "operator_id" bigint not null,
      "wallet_type" text not null,
      primary key ("operator_id")
    );`);

    this.addSql(`alter table "pots_listing" add "game_code" text collate "C" not null default '';`);
    this.addSql(`create index "pots_listing_game_code" on "pots_listing" ("operator_id", "game_code", "id") where game_code <> '';`);
  }

  override down(): void {
    this.addSql(`drop table if exists "pots_currency" cascade;`);
    this.addSql(`drop table if exists "pots_route" cascade;`);
    this.addSql(`drop table if exists "pots_wallet" cascade;`);

    this.addSql(`drop index "pots_listing_game_code";`);
    this.addSql(`alter table "pots_listing" drop column "game_code";`);
  }
}
