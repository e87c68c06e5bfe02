import { Migration } from '@mikro-orm/migrations';

export class MasterKeys extends Migration {
  override up(): void {
    this.addSql(`create table "master_key" (
      "id" text not null,
      "fingerprint" text not null,
      "used_from" timestamptz(6) not null default '1970-01-01 00:00:00+00',
      primary key ("id")
    );`);
  }

  override down(): void {
    this.addSql(`drop table if exists "master_key" cascade;`);
  }
}
