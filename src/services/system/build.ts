import { hash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { GetHealthResponse } from '../../../gen/ts/windfall/system/v1/system.ts';

const ROOT = join(import.meta.dirname, '../../..');
const sha256 = (data: string | Buffer): string => hash('sha256', data);

/** What this process runs, according to the current files. @param contract the descriptor set that it serves. */
export function readBuild(contract: string | URL): GetHealthResponse {
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };
  return {
    version,
    checksums: [
      { name: 'contract', checksum: sha256(readFileSync(contract)) },
      { name: 'dependencies', checksum: sha256(readFileSync(join(ROOT, 'package-lock.json'))) },
      { name: 'program', checksum: sha256(listing('src')) },
    ],
  };
}

/** The files of a folder as `sha256sum` lists them, in byte order of their paths. */
function listing(folder: string): string {
  return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(ROOT.length + 1))
    .sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
    .map((path) => `${sha256(readFileSync(join(ROOT, path)))}  ${path}\n`)
    .join('');
}
