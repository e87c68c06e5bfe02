import { Migration } from '@mikro-orm/migrations';

export class Receipts extends Migration {
  override up(): void {
    this.addSql(`create table "receipt" (
      "operator_id" bigint not null,
      "tx" xid8 not null,
      "time" timestamptz(6) not null default '1970-01-01 00:00:00+00',
      "epoch" bigint not null default 0,
      "key_id" text not null default '',
      "leaves" bytea not null default '\\x',
      "root" bytea not null default '\\x',
      "signature" bytea not null default '\\x',
      primary key ("operator_id", "tx")
    );`);
  }

  override down(): void {
    this.addSql(`drop table if exists "receipt" cascade;`);
  }
}
