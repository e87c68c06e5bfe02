import { Migration } from '@mikro-orm/migrations';

export class PlayerProtection extends Migration {
  override up(): void {
    this.addSql(`alter table "player" add "time_zone" text not null default '', add "public_hash" text not null default '', add "exclusion" bigint not null default 0, add "excluded_since" timestamptz(6) not null default '1970-01-01 00:00:00+00', add "excluded_until" timestamptz(6) not null default '1970-01-01 00:00:00+00', add "limits" bytea not null default '\\x', add "grants" bigint not null default 0;`);
  }

  override down(): void {
    this.addSql(`alter table "player" drop column "time_zone", drop column "public_hash", drop column "exclusion", drop column "excluded_since", drop column "excluded_until", drop column "limits", drop column "grants";`);
  }
}
