/**
 * Generates the migration from the committed snapshot to the entities, without a database:
 *
 *   npm run migration -- add-raffles    0002-add-raffles.ts, and the new snapshot
 *   npm run migration -- --initial      everything again as 0001-initial.ts, as long as nothing is released
 */
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { TSMigrationGenerator } from '@mikro-orm/migrations';
import { createOrm } from '../db/index.ts';
import { engines } from '../engines/index.ts';
import { entitiesOf } from '../schema.ts';

const FOLDER = join(import.meta.dirname, '../db/migrations');
const SNAPSHOT = join(FOLDER, 'snapshot.json');
const NUMBERED = /^(\d{4})-([a-z0-9-]+)\.ts$/;

const files = (): string[] =>
  readdirSync(FOLDER)
    .filter((file) => NUMBERED.test(file))
    .sort();
const className = (name: string): string => name.replace(/(?:^|-)(.)/g, (_, letter: string) => letter.toUpperCase());

/** Formats a table with one column or constraint per line; MikroORM writes it on one line. */
function readable(sql: string): string {
  const table = /^(create table \S+ \()(.*)(\);)$/s.exec(sql);
  if (table === null) return sql;
  const parts = table[2]!.split(/, (?="|primary key|constraint)(?![^(]*\))/);
  return `${table[1]}\n      ${parts.join(',\n      ')}\n    ${table[3]}`;
}

class Generator extends TSMigrationGenerator {
  override generateMigrationFile(name: string, diff: { up: string[]; down: string[] }): string {
    const method = (direction: 'up' | 'down'): string => {
      const statements = diff[direction].map((sql) => this.createStatement(readable(sql), 4));
      return `  override ${direction}(): void {\n${statements.join('')}  }\n`;
    };
    return (
      "import { Migration } from '@mikro-orm/migrations';\n\n" +
      `export class ${name} extends Migration {\n${method('up')}\n${method('down')}}\n`
    );
  }
}

function writeIndex(): void {
  const names = files().map((file) => file.replace('.ts', ''));
  const classOf = (name: string): string => className(name.slice('0001-'.length));
  writeFileSync(
    join(FOLDER, 'index.ts'),
    [
      "import type { MigrationObject } from '@mikro-orm/core';",
      ...names.map((name) => `import { ${classOf(name)} } from './${name}.ts';`),
      '',
      '/** All migrations in order; written by `npm run migration`. */',
      'export const migrations: MigrationObject[] = [',
      ...names.map((name) => `  { name: '${name}', class: ${classOf(name)} },`),
      '];\n',
    ].join('\n'),
  );
}

function startAnew(): void {
  for (const file of files()) rmSync(join(FOLDER, file));
  writeFileSync(SNAPSHOT, '{"namespaces":["public"],"name":"public","tables":[],"nativeEnums":{}}');
}

/** Writes the next migration; returns false if the entities have not changed. */
async function makeMigration(name: string): Promise<boolean> {
  const number = String(files().length + 1).padStart(4, '0');
  const orm = createOrm({ databaseUrl: 'postgresql://nowhere/none', databasePool: 1 }, entitiesOf(engines));
  orm.config.set('migrations', {
    ...orm.config.get('migrations'),
    path: FOLDER,
    generator: Generator,
    fileName: () => `${number}-${name}`,
  });
  orm.config.getNamingStrategy().classToMigrationName = () => className(name);
  const made = await orm.migrator.create();
  await orm.close();
  if (made.fileName === '') return false;
  writeIndex();
  return true;
}

const argument = process.argv[2] ?? '';
const initial = argument === '--initial';
if (!initial && !/^[a-z0-9-]+$/.test(argument)) {
  console.error('Name the migration after its intent, as in: npm run migration -- add-raffles');
  process.exit(1);
}
if (initial) startAnew();
const made = await makeMigration(initial ? 'initial' : argument);
const news = `Wrote ${files().at(-1)}, its entry in index.ts and snapshot.json.`;
console.log(made ? news : 'The entities ask for nothing new.');
