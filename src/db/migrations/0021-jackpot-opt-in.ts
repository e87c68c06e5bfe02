import { Migration } from '@mikro-orm/migrations';

export class JackpotOptIn extends Migration {
  override up(): void {
    this.addSql(`create table "jackpot_opt_in" (
      "operator_id" bigint not null,
      "id" bigint not null,
      "sequence" bigint not null default 0,
      "code" text collate "C" not null default '',
      "jackpot_id" bigint not null default 0,
      "player_id" bigint not null default 0,
      "brand_id" bigint not null default 0,
      "opted_in" bigint not null default 0,
      "preferred" bigint not null default 0,
      "contributions" bigint not null default 0,
      "contributed" bigint not null default 0,
      "changed_at" timestamptz(6) not null default '1970-01-01 00:00:00+00',
      primary key ("operator_id", "id")
    );`);
    this.addSql(`create index "jackpot_opt_in_jackpot" on "jackpot_opt_in" ("operator_id", "jackpot_id", "id");`);
    this.addSql(`create index "jackpot_opt_in_player" on "jackpot_opt_in" ("operator_id", "player_id", "id");`);
    this.addSql(`create unique index "jackpot_opt_in_code_unique" on "jackpot_opt_in" ("operator_id", "code") where code <> '';`);
  }

  override down(): void {
    this.addSql(`drop table if exists "jackpot_opt_in" cascade;`);
  }
}
