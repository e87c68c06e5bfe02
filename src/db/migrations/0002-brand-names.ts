import { Migration } from '@mikro-orm/migrations';

export class BrandNames extends Migration {
  override up(): void {
    this.addSql(`alter table "brand" add constraint "brand_name" unique ("operator_id", "name");`);
    this.addSql(`alter table "brand" add constraint "brand_name_shape" check (name ~ '^[A-Za-z0-9._@-]{1,64}\$' and name !~ '^[0-9]+\$');`);
  }

  override down(): void {
    this.addSql(`alter table "brand" drop constraint "brand_name";`);
    this.addSql(`alter table "brand" drop constraint "brand_name_shape";`);
  }
}
