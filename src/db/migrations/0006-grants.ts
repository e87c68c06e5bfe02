import { Migration } from '@mikro-orm/migrations';

export class Grants extends Migration {
  override up(): void {
    this.addSql(`create table "player_grant" (
      "operator_id" bigint not null,
      "id" bigint not null,
      "sequence" bigint not null default 0,
      "player_id" bigint not null default 0,
      "brand_id" bigint not null default 0,
      "definition_id" bigint not null default 0,
      "operation_id" text not null default '',
      "kind" bigint not null default 0,
      "item" text not null default '',
      "quantity" bigint not null default 0,
      "state" bigint not null default 0,
      "reference" text not null default '',
      "created_at" timestamptz(6) not null default '1970-01-01 00:00:00+00',
      "expires_at" timestamptz(6) not null default '1970-01-01 00:00:00+00',
      "settled_at" timestamptz(6) not null default '1970-01-01 00:00:00+00',
      primary key ("operator_id", "id")
    );`);
    this.addSql(`create index "player_grant_due" on "player_grant" ("operator_id", "state", "created_at", "id");`);
    this.addSql(`create index "player_grant_due_of_brand" on "player_grant" ("operator_id", "brand_id", "state", "created_at", "id");`);
  }

  override down(): void {
    this.addSql(`drop table if exists "player_grant" cascade;`);
  }
}
