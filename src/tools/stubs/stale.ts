import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { differences } from './folders.ts';
import { generateLanguages, generateSets, testContracts } from './generate.ts';
import { languages } from './languages.ts';

/**
 * The generated files of a project that differ from what the contracts generate. Everything is generated into a
 * temporary folder and compared. Rejects if the contracts cannot be generated.
 * @param note receives the languages that cannot be generated on this machine.
 */
export async function staleFiles(root: string, note: (line: string) => void): Promise<string[]> {
  const fresh = mkdtempSync(join(tmpdir(), 'windfall-gen-'));
  try {
    const [committed, onDemand] = [true, false].map((kept) =>
      Object.keys(languages).filter((name) => languages[name]!.committed === kept),
    );
    await generateSets(fresh);
    const left = await generateLanguages(committed!, { folder: fresh, say: note, fetchGo: false });
    for (const [name, reason] of left) note(`gen/${name} is not compared: ${reason}`);
    const passedOver = [...left.keys(), ...onDemand!].map((name) => `gen/${name}/`);
    const made = ['gen', ...testContracts().map(({ folder }) => `${folder}/gen`)];
    return made
      .flatMap((folder) => differences(join(root, folder), join(fresh, folder)).map((file) => join(folder, file)))
      .filter((file) => !passedOver.some((folder) => file.startsWith(folder)));
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}
