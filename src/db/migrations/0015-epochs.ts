import { Migration } from '@mikro-orm/migrations';

export class Epochs extends Migration {
  override up(): void {
    this.addSql(`create table "epoch" (
      "number" bigint not null,
      "started_at" timestamptz(6) not null default '1970-01-01 00:00:00+00',
      "tx_base" bigint not null default 0,
      primary key ("number")
    );`);

    // What was published before this migration was of streams without an epoch.
    this.addSql(`insert into "epoch" ("number", "started_at") values (1, now());`);
  }

  override down(): void {
    this.addSql(`drop table if exists "epoch" cascade;`);
  }
}
