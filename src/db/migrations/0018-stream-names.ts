import { Migration } from '@mikro-orm/migrations';

export class StreamNames extends Migration {
  override up(): void {
    this.addSql(`create index "seed_stream_name" on "seed_stream" ("operator_id", "name");`);
  }

  override down(): void {
    this.addSql(`drop index "seed_stream_name";`);
  }
}
