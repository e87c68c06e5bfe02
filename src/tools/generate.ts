/**
 * Makes code from the contracts:
 *
 *   npm run generate              all that is in the repository, and README's table of operations
 *   npm run generate -- java      gen/java; so for each language, those that are not in the repository too
 *
 * Plugins are fetched where they are missing, with versions and hashes pinned, and kept in .cache. Exit code 1 if a language
 * could not be made; it is left as it was.
 */
import { writeOperations } from './operations-table.ts';
import { generateLanguages, generateSets } from './stubs/generate.ts';
import { languages } from './stubs/languages.ts';

const committed = Object.keys(languages).filter((name) => languages[name]!.committed);
const named = process.argv.slice(2);
const unknown = named.filter((name) => languages[name] === undefined);
if (unknown.length > 0) {
  console.error(`There is no ${unknown.join(', ')}: the languages are ${Object.keys(languages).join(', ')}.`);
  process.exit(2);
}

const say = (line: string): void => console.log(line);
const left = await generateLanguages(named.length > 0 ? named : committed, { say, fetchGo: true });
if (named.length === 0) {
  await generateSets();
  writeOperations();
}
for (const [name, reason] of left) {
  say(`gen/${name} is left as it was: ${reason}.`);
  process.exitCode = 1;
}
