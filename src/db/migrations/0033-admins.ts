import { Migration } from '@mikro-orm/migrations';

export class Admins extends Migration {
  override up(): void {
    this.addSql(`alter table "admin" add "token_generation" int not null default 0, add "created_at" timestamptz(6) not null default now(), add "removed_at" timestamptz(6) null;`);

    this.addSql(`alter table "api_key" add "expires_at" timestamptz(6) null;`);
  }

  override down(): void {
    this.addSql(`alter table "admin" drop column "token_generation", drop column "created_at", drop column "removed_at";`);

    this.addSql(`alter table "api_key" drop column "expires_at";`);
  }
}
