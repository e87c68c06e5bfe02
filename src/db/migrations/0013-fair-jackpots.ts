import { Migration } from '@mikro-orm/migrations';

export class FairJackpots extends Migration {
  override up(): void {
    this.addSql(`alter table "jackpot" add "chain" text not null default '', add "config" text not null default '';`);

    this.addSql(`alter table "jackpot_pot" add "cycle_from" bigint not null default 0, add "drawn_at" bigint not null default 0, add "terms" text not null default '', add "terms_from" bigint not null default 0, add "sum" bigint not null default 0;`);
  }

  override down(): void {
    this.addSql(`alter table "jackpot" drop column "chain", drop column "config";`);

    this.addSql(`alter table "jackpot_pot" drop column "cycle_from", drop column "drawn_at", drop column "terms", drop column "terms_from", drop column "sum";`);
  }
}
