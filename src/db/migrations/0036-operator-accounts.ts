import { Migration } from '@mikro-orm/migrations';

export class OperatorAccounts extends Migration {
  override up(): void {
    this.addSql(`create table "operator_account" (
      "operator_id" bigint not null,
      "id" bigint not null,
      "balance" numeric not null,
      primary key ("operator_id", "id")
    );`);
    // Kinds of accounts from 16 on are the operator's own.
    this.addSql(`insert into "operator_account" ("operator_id", "id", "balance") select "operator_id", "id", "balance" from "account" where "id" % 32 >= 16;`);
    this.addSql(`delete from "account" where "id" % 32 >= 16;`);
  }

  override down(): void {
    this.addSql(`insert into "account" ("operator_id", "id", "balance") select "operator_id", "id", "balance" from "operator_account";`);
    this.addSql(`drop table if exists "operator_account" cascade;`);
  }
}
