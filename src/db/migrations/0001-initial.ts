import { Migration } from '@mikro-orm/migrations';

export class Initial extends Migration {
  override up(): void {
    this.addSql(`create table "account" (
      "operator_id" bigint not null,
      "id" bigint not null,
      "sequence" bigint not null default 0,
      "balance" bigint not null default 0,
      "lines" bigint not null default 0,
      primary key ("operator_id", "id")
    );`);

    this.addSql(`create table "admin" (
      "operator_id" bigint not null,
      "admin_id" bigserial not null,
      "user_name" text not null,
      "password_hash" text not null,
      primary key ("operator_id", "admin_id")
    );`);
    this.addSql(`alter table "admin" add constraint "admin_user_name" unique ("user_name");`);

    this.addSql(`create table "api_key" (
      "operator_id" bigint not null,
      "key_id" bigserial not null,
      "prefix" text not null,
      "secret_hash" bytea not null,
      "brand_id" int null,
      "scopes" text[] not null,
      "name" text not null,
      "created_at" timestamptz(6) not null default now(),
      "revoked_at" timestamptz(6) null,
      primary key ("operator_id", "key_id")
    );`);
    this.addSql(`alter table "api_key" add constraint "api_key_secret" unique ("secret_hash");`);

    this.addSql(`create table "asset" (
      "operator_id" bigint not null,
      "asset_no" smallint not null,
      "code" text not null,
      "kind" text not null,
      primary key ("operator_id", "asset_no")
    );`);
    this.addSql(`alter table "asset" add constraint "asset_code" unique ("operator_id", "code");`);

    this.addSql(`create table "brand" (
      "operator_id" bigint not null,
      "brand_id" int not null,
      "name" text not null,
      primary key ("operator_id", "brand_id")
    );`);
    this.addSql(`alter table "brand" add constraint "brand_id_once" unique ("brand_id");`);

    this.addSql(`create table "definition" (
      "operator_id" bigint not null,
      "id" bigint not null,
      "sequence" bigint not null default 0,
      "code" text collate "C" not null default '',
      "status" bigint not null default 0,
      "version" bigint not null default 0,
      "version_id" bigint not null default 0,
      "latest" bigint not null default 0,
      "scheduled" bigint not null default 0,
      "scheduled_id" bigint not null default 0,
      "scheduled_at" timestamptz(6) not null default '1970-01-01 00:00:00+00',
      "opened_at" timestamptz(6) not null default '1970-01-01 00:00:00+00',
      "created_at" timestamptz(6) not null default '1970-01-01 00:00:00+00',
      "updated_at" timestamptz(6) not null default '1970-01-01 00:00:00+00',
      primary key ("operator_id", "id")
    );`);
    this.addSql(`create unique index "definition_code_unique" on "definition" ("operator_id", "code") where code <> '';`);

    this.addSql(`create table "definition_version" (
      "operator_id" bigint not null,
      "id" bigint not null,
      "sequence" bigint not null default 0,
      "definition_id" bigint not null default 0,
      "version" bigint not null default 0,
      "format" bigint not null default 0,
      "content" bytea not null default '\\x',
      "config_hash" bytea not null default '\\x',
      "published_at" timestamptz(6) not null default '1970-01-01 00:00:00+00',
      "effective_at" timestamptz(6) not null default '1970-01-01 00:00:00+00',
      primary key ("operator_id", "id")
    );`);
    this.addSql(`create index "definition_version_number" on "definition_version" ("operator_id", "definition_id", "version");`);

    this.addSql(`create table "follower" (
      "operator_id" bigint not null,
      "name" text not null,
      "tx" xid8 not null,
      "operation_id" uuid not null,
      "part" smallint not null,
      primary key ("operator_id", "name")
    );`);

    this.addSql(`create table "jackpot" (
      "operator_id" bigint not null,
      "id" bigint not null,
      "sequence" bigint not null default 0,
      "definition_id" bigint not null default 0,
      "asset" bigint not null default 0,
      "house" bigint not null default 0,
      "contributions" bigint not null default 0,
      "contributed" bigint not null default 0,
      "nonce" bigint not null default 0,
      primary key ("operator_id", "id")
    );`);

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

    this.addSql(`create table "journal" (
      "operator_id" bigint not null,
      "operation_id" uuid not null,
      "part" smallint not null,
      "kind" smallint not null,
      "version" smallint not null,
      "aggregate_id" bigint not null,
      "aggregate_sequence" bigint not null,
      "tx" xid8 not null,
      "time" timestamptz(6) not null,
      "caller" text not null,
      "request_hash" bytea not null,
      "transfers" int8[] not null,
      "fact" bytea not null,
      primary key ("operator_id", "operation_id", "part")
    );`);
    this.addSql(`create index "journal_tx" on "journal" ("operator_id", "tx", "operation_id", "part");`);
    this.addSql(`create index "journal_aggregate" on "journal" ("operator_id", "aggregate_id", "aggregate_sequence");`);

    this.addSql(`create table "journal_key" (
      "operator_id" bigint not null,
      "key" uuid not null,
      "operation_id" uuid not null,
      primary key ("operator_id", "key")
    );`);

    this.addSql(`create table "operator" (
      "operator_id" bigserial primary key,
      "name" text not null,
      "default_asset" smallint not null default 0,
      "create_players" boolean not null default true,
      "created_at" timestamptz(6) not null default now()
    );`);
    this.addSql(`alter table "operator" add constraint "operator_name" unique ("name");`);

    this.addSql(`create table "player" (
      "operator_id" bigint not null,
      "id" bigint not null,
      "sequence" bigint not null default 0,
      "code" text collate "C" not null default '',
      "brand_id" bigint not null default 0,
      "user_id" text not null default '',
      "country" text not null default '',
      "currency" text not null default '',
      "vip_level" bigint not null default 0,
      "created_at" timestamptz(6) not null default '1970-01-01 00:00:00+00',
      primary key ("operator_id", "id")
    );`);
    this.addSql(`create unique index "player_code_unique" on "player" ("operator_id", "code") where code <> '';`);

    this.addSql(`create table "row_number" (
      "id" bigserial primary key
    );`);

    this.addSql(`create table "seed_stream" (
      "operator_id" bigint not null,
      "id" bigint not null,
      "sequence" bigint not null default 0,
      "name" text not null default '',
      "key_id" text not null default '',
      "position" bigint not null default 0,
      "tx" bigint not null default 0,
      "from_position" bigint not null default 0,
      "since" timestamptz(6) not null default '1970-01-01 00:00:00+00',
      "moved_at" timestamptz(6) not null default '1970-01-01 00:00:00+00',
      "client_seed" text not null default '',
      primary key ("operator_id", "id")
    );`);

    this.addSql(`create table "statement_line" (
      "operator_id" bigint not null,
      "account_id" bigint not null,
      "sequence" bigint not null,
      "operation_id" uuid not null,
      "amount" bigint not null,
      "balance" bigint not null,
      primary key ("operator_id", "account_id", "sequence")
    );`);

    this.addSql(`alter table "asset" add constraint "asset_number" check (asset_no >= 0 and asset_no <= 511);`);
    this.addSql(`alter table "asset" add constraint "asset_kind" check (kind in ('coin', 'currency', 'ticket', 'item'));`);
  }

  override down(): void {
    this.addSql(`drop table if exists "account" cascade;`);
    this.addSql(`drop table if exists "admin" cascade;`);
    this.addSql(`drop table if exists "api_key" cascade;`);
    this.addSql(`drop table if exists "asset" cascade;`);
    this.addSql(`drop table if exists "brand" cascade;`);
    this.addSql(`drop table if exists "definition" cascade;`);
    this.addSql(`drop table if exists "definition_version" cascade;`);
    this.addSql(`drop table if exists "follower" cascade;`);
    this.addSql(`drop table if exists "jackpot" cascade;`);
    this.addSql(`drop table if exists "jackpot_hits" cascade;`);
    this.addSql(`drop table if exists "jackpot_pot" cascade;`);
    this.addSql(`drop table if exists "journal" cascade;`);
    this.addSql(`drop table if exists "journal_key" cascade;`);
    this.addSql(`drop table if exists "operator" cascade;`);
    this.addSql(`drop table if exists "player" cascade;`);
    this.addSql(`drop table if exists "row_number" cascade;`);
    this.addSql(`drop table if exists "seed_stream" cascade;`);
    this.addSql(`drop table if exists "statement_line" cascade;`);
  }
}
