import { Migration } from '@mikro-orm/migrations';

export class OperatorsEnabled extends Migration {
  override up(): void {
    this.addSql(`alter table "operator" add "enabled" boolean not null default true;`);
  }

  override down(): void {
    this.addSql(`alter table "operator" drop column "enabled";`);
  }
}
