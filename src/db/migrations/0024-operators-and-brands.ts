import { Migration } from '@mikro-orm/migrations';

export class OperatorsAndBrands extends Migration {
  override up(): void {
    this.addSql(`alter table "brand" add "display_name" text not null default '', add "enabled" boolean not null default true, add "created_at" timestamptz(6) not null default now();`);

    this.addSql(`alter table "operator" add "display_name" text not null default '';`);
  }

  override down(): void {
    this.addSql(`alter table "brand" drop column "display_name", drop column "enabled", drop column "created_at";`);

    this.addSql(`alter table "operator" drop column "display_name";`);
  }
}
