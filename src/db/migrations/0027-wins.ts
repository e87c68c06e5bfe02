import { Migration } from '@mikro-orm/migrations';

export class Wins extends Migration {
  override up(): void {
    this.addSql(`alter table "jackpot_pot" add "starts" bigint not null default 0;`);
  }

  override down(): void {
    this.addSql(`alter table "jackpot_pot" drop column "starts";`);
  }
}
