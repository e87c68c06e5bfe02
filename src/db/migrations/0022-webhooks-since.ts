import { Migration } from '@mikro-orm/migrations';

export class WebhooksSince extends Migration {
  override up(): void {
    this.addSql(`alter table "webhook" add "since" timestamptz(6) not null default clock_timestamp();`);
  }

  override down(): void {
    this.addSql(`alter table "webhook" drop column "since";`);
  }
}
