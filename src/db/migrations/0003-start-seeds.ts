import { Migration } from '@mikro-orm/migrations';

export class StartSeeds extends Migration {
  override up(): void {
    this.addSql(`alter table "seed_stream" add "start_seed" bigint not null default 0;`);
  }

  override down(): void {
    this.addSql(`alter table "seed_stream" drop column "start_seed";`);
  }
}
