import { Migration } from '@mikro-orm/migrations';

export class AssetExpiry extends Migration {
  override up(): void {
    this.addSql(`alter table "asset" add "expires_after_seconds" int not null default 0;`);
    this.addSql(`alter table "asset" add constraint "asset_expiry" check (expires_after_seconds >= 0);`);
  }

  override down(): void {
    this.addSql(`alter table "asset" drop constraint "asset_expiry";`);
    this.addSql(`alter table "asset" drop column "expires_after_seconds";`);
  }
}
