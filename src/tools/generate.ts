/**
 * Generates code from the contracts:
 *
 *   npm run generate              all code that is in the repository, and README's table of operations
 *   npm run generate -- java      gen/java; works for each language, also for those that are not in the repository
 *
 * Missing plugins are fetched, with pinned versions and hashes, and cached in .cache. Exit code 1 if a language could
 * not be generated; its folder is then unchanged.
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
