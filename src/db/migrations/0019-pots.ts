import { Migration } from '@mikro-orm/migrations';

export class Pots extends Migration {
  override up(): void {
    this.addSql(`create table "pots_listing" (
      "operator_id" bigint not null,
      "id" bigint not null,
      "sequence" bigint not null default 0,
      "kind" bigint not null default 0,
      "name" text not null default '',
      "brand_id" bigint not null default 0,
      "template_id" bigint not null default 0,
      primary key ("operator_id", "id")
    );`);
    this.addSql(`create index "pots_listing_template" on "pots_listing" ("operator_id", "template_id");`);
  }

  override down(): void {
    this.addSql(`drop table if exists "pots_listing" cascade;`);
  }
}
