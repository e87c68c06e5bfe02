import { Migration } from '@mikro-orm/migrations';

/** Tables with rows of operators: the name, the key besides the operator, what is not sealed, and what may be null. */
const TABLES = [
  ['operator', "''", 'create_players', ''],
  ['brand', 't.brand_id', '', ''],
  ['asset', 't.asset_no', '', ''],
  ['admin', 't.admin_id', '', 'removed_at'],
  ['api_key', 't.key_id', '', 'brand_id,revoked_at,expires_at'],
  ['webhook', 't.webhook_id', 'failures,failing_since,retry_at', ''],
  ['pots_currency', 't.brand_id', '', ''],
  ['pots_route', 't.route_id', '', 'name'],
  ['pots_wallet', "''", '', ''],
  ['pots_wallet_version', 't.version', '', ''],
] as const;

export class Seals extends Migration {
  override up(): void {
    this.addSql(`create table "row_seal" (
      "operator_id" bigint not null,
      "table_name" text not null,
      "row_key" text not null,
      "digest" bytea not null,
      primary key ("operator_id", "table_name", "row_key")
    );`);

    this.addSql(`alter table "journal" add "seal" bytea not null default '\\x';`);

    // What is there already is sealed as it is.
    this.addSql(`set local timezone = 'UTC';`);
    for (const [table, key, open, nullable] of TABLES) this.seal(table, 't.operator_id', key, open, nullable);
    this.seal('epoch', '0', 't.number', '', '');
    this.seal('master_key', '0', 't.id', '', '');
  }

  override down(): void {
    this.addSql(`drop table if exists "row_seal" cascade;`);

    this.addSql(`alter table "journal" drop column "seal";`);
  }

  private seal(table: string, operator: string, key: string, open: string, nullable: string): void {
    this.addSql(
      `insert into row_seal (operator_id, table_name, row_key, digest) select ${operator}, '${table}', ${key}::text, ` +
        `sha256(convert_to((select coalesce(jsonb_object_agg(c.key, c.value), '{}')::text ` +
        `from jsonb_each(to_jsonb(t) - '{${open}}'::text[]) c ` +
        `where c.value <> 'null' and (c.key = any('{${nullable}}'::text[]) ` +
        `or c.value not in ('""', '0', 'false', '[]', '{}'))), 'UTF8')) from ${table} t;`,
    );
  }
}
