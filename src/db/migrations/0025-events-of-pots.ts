import { Migration } from '@mikro-orm/migrations';

export class EventsOfPots extends Migration {
  override up(): void {
    this.addSql(`alter table "definition" add "apart" bigint not null default 0;`);
    this.addSql(`create index "definition_listed" on "definition" ("operator_id", "code") where code <> '' and apart = 0;`);
    this.addSql(`update "definition" d set "apart" = 1 from "pots_listing" l where l.operator_id = d.operator_id and l.id = d.id;`);

    this.addSql(`alter table "pots_listing" add "jackpot_id" bigint not null default 0, add "is_told" bigint not null default 0, add "told" bigint not null default 0, add "told_head" bigint not null default 0, add "told_at" timestamptz(6) not null default '1970-01-01 00:00:00+00';`);
    this.addSql(`create index "pots_listing_told" on "pots_listing" ("operator_id", "id") where is_told = 1;`);
  }

  override down(): void {
    this.addSql(`drop index "definition_listed";`);
    this.addSql(`alter table "definition" drop column "apart";`);

    this.addSql(`drop index "pots_listing_told";`);
    this.addSql(`alter table "pots_listing" drop column "jackpot_id", drop column "is_told", drop column "told", drop column "told_head", drop column "told_at";`);
  }
}
