import { Migration } from '@mikro-orm/migrations';

export class Webhooks extends Migration {
  override up(): void {
    this.addSql(`create table "webhook" (
      "operator_id" bigint not null,
      "webhook_id" bigserial not null,
      "kind" text not null,
      "url" text not null,
      "events" text[] not null,
      "status" text not null default 'active',
      "description" text not null default '',
      "secrets" text[] not null,
      "failures" int not null default 0,
      "failing_since" timestamptz(6) null,
      "retry_at" timestamptz(6) not null default '1970-01-01 00:00:00+00',
      "created_at" timestamptz(6) not null default clock_timestamp(),
      primary key ("operator_id", "webhook_id")
    );`);
    this.addSql(`create unique index "webhook_callback" on "webhook" ("operator_id", "url") where kind = 'callback' and status <> 'deleted';`);

    this.addSql(`create table "webhook_delivery" (
      "operator_id" bigint not null,
      "delivery_id" bigserial not null,
      "webhook_id" bigint not null,
      "event_id" text not null,
      "type" text not null,
      "aggregate" text not null,
      "sequence" bigint not null,
      "event_time" timestamptz(6) not null,
      "url" text not null default '',
      "body" text not null,
      "state" smallint not null,
      "tries" smallint not null default 0,
      "last_status" smallint not null default 0,
      "last_error" text not null default '',
      "next_at" timestamptz(6) not null default clock_timestamp(),
      "created_at" timestamptz(6) not null default clock_timestamp(),
      "finished_at" timestamptz(6) null,
      primary key ("operator_id", "delivery_id")
    );`);
    this.addSql(`create index "webhook_delivery_list" on "webhook_delivery" ("operator_id", "webhook_id", "delivery_id");`);
    this.addSql(`create index "webhook_delivery_due" on "webhook_delivery" ("operator_id", "webhook_id", "next_at") where state = 1;`);
    this.addSql(`create index "webhook_delivery_open" on "webhook_delivery" ("operator_id", "webhook_id", "aggregate", "sequence") where state in (0, 1);`);
    this.addSql(`create index "webhook_delivery_finished" on "webhook_delivery" ("state", "finished_at") where state in (2, 3);`);
    this.addSql(`alter table "webhook_delivery" add constraint "webhook_delivery_event" unique ("operator_id", "webhook_id", "event_id");`);

    this.addSql(`alter table "operator" add "webhook_hosts" text[] not null default '{}', add "webhook_http" boolean not null default false, add "webhook_private" boolean not null default false, add "callback_secrets" text[] not null default '{}';`);
  }

  override down(): void {
    this.addSql(`drop table if exists "webhook" cascade;`);
    this.addSql(`drop table if exists "webhook_delivery" cascade;`);

    this.addSql(`alter table "operator" drop column "webhook_hosts", drop column "webhook_http", drop column "webhook_private", drop column "callback_secrets";`);
  }
}
