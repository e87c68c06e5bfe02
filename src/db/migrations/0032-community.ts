import { Migration } from '@mikro-orm/migrations';

export class Community extends Migration {
  override up(): void {
    this.addSql(`create table "jackpot_community" (
      "operator_id" bigint not null,
      "id" bigint not null,
      "sequence" bigint not null default 0,
      "active" text not null default '',
      "lifetime" text not null default '',
      "per_win" text not null default '',
      primary key ("operator_id", "id")
    );`);

    this.addSql(`alter table "jackpot_opt_in" add "cycle_sums" text not null default '';`);
  }

  override down(): void {
    this.addSql(`drop table if exists "jackpot_community" cascade;`);

    this.addSql(`alter table "jackpot_opt_in" drop column "cycle_sums";`);
  }
}
