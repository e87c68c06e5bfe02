import { Migration } from '@mikro-orm/migrations';

export class OptInTransfers extends Migration {
  override up(): void {
    this.addSql(`create table "pots_opt_in_transfer" (
      "operator_id" bigint not null,
      "id" bigint not null,
      "sequence" bigint not null default 0,
      "from_id" bigint not null default 0,
      "to_id" bigint not null default 0,
      "reason" text not null default '',
      "position" bigint not null default 0,
      "carried" bigint not null default 0,
      "finished_at" timestamptz(6) not null default '1970-01-01 00:00:00+00',
      primary key ("operator_id", "id")
    );`);
  }

  override down(): void {
    this.addSql(`drop table if exists "pots_opt_in_transfer" cascade;`);
  }
}
