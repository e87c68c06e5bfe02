import { Migration } from '@mikro-orm/migrations';

export class PotEnds extends Migration {
  override up(): void {
    this.addSql(`create table "jackpot_pot_end" (
      "operator_id" bigint not null,
      "id" bigint not null,
      "sequence" bigint not null default 0,
      "jackpot_id" bigint not null default 0,
      "pot_id" bigint not null default 0,
      "cycle" bigint not null default 0,
      "closed_by" text not null default '',
      "paid_at" timestamptz(6) not null default '1970-01-01 00:00:00+00',
      primary key ("operator_id", "id")
    );`);
  }

  override down(): void {
    this.addSql(`drop table if exists "jackpot_pot_end" cascade;`);
  }
}
