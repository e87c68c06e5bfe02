import { Migration } from '@mikro-orm/migrations';

export class PlayerGuard extends Migration {
  override up(): void {
    this.addSql(`create table "player_guard" (
      "operator_id" bigint not null,
      "id" bigint not null,
      "sequence" bigint not null default 0,
      "exclusion" bigint not null default 0,
      "excluded_since" bigint not null default 0,
      "excluded_until" bigint not null default 0,
      "limits" bytea not null default '\\x',
      "grants" bigint not null default 0,
      primary key ("operator_id", "id")
    );`);

    this.addSql(`alter table "player" drop column "excluded_since", drop column "excluded_until", drop column "exclusion", drop column "grants", drop column "limits";`);
  }

  override down(): void {
    this.addSql(`drop table if exists "player_guard" cascade;`);

    this.addSql(`alter table "player" add "excluded_since" timestamptz(6) not null default '1970-01-01 00:00:00+00', add "excluded_until" timestamptz(6) not null default '1970-01-01 00:00:00+00', add "exclusion" bigint not null default 0, add "grants" bigint not null default 0, add "limits" bytea not null default '\\x';`);
  }
}
