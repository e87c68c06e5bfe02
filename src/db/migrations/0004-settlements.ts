import { Migration } from '@mikro-orm/migrations';

export class Settlements extends Migration {
  override up(): void {
    this.addSql(`create table "settlement" (
      "operator_id" bigint not null,
      "id" bigint not null,
      "sequence" bigint not null default 0,
      "definition_id" bigint not null default 0,
      "payees" bigint not null default 0,
      "paid" bigint not null default 0,
      "withheld" bigint not null default 0,
      "position" bigint not null default 0,
      "opened_at" timestamptz(6) not null default '1970-01-01 00:00:00+00',
      "finished_at" timestamptz(6) not null default '1970-01-01 00:00:00+00',
      primary key ("operator_id", "id")
    );`);
  }

  override down(): void {
    this.addSql(`drop table if exists "settlement" cascade;`);
  }
}
