import type { FileRegistry, JsonObject, JsonValue } from '@bufbuild/protobuf';
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import type { FileSection } from './file-section.ts';
import { requestOf, textOf } from './json-client.ts';

/** An entry of a file, which is valid for the contract. */
export interface FileEntry {
  readonly section: FileSection;
  /** The value of the section's key. */
  readonly id: string;
  readonly entry: JsonObject;
}

/**
 * Reads a file's entries, in the order of the sections. Throws an Error that names the section, the entry and the
 * field that the contract does not have, or has with another type.
 */
export function readCatalogue(file: string, sections: readonly FileSection[], registry: FileRegistry): FileEntry[] {
  const content = (parse(readFileSync(file, 'utf8')) ?? {}) as JsonValue;
  if (!isObject(content)) throw new Error(`${file}: it must hold sections by name`);
  const known = sections.map(({ name }) => name);
  const unknown = Object.keys(content).find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new Error(`${file}: there is no section ${unknown}; known are ${known.join(', ')}`);
  }
  return sections.flatMap((section) => entriesOf(section, content[section.name] ?? [], registry));
}

function entriesOf(section: FileSection, entries: JsonValue, registry: FileRegistry): FileEntry[] {
  const { name, key, create } = section;
  if (!Array.isArray(entries)) throw new Error(`${name} must be a list`);
  return entries.map((entry, i) => {
    const id = isObject(entry) ? (entry[key] ?? '') : '';
    const where = `${name} ${textOf(id) || `[${i}]`}`;
    try {
      requestOf(create, isObject(entry) ? (section.requestOf?.(entry) ?? entry) : entry, registry);
    } catch (error) {
      throw new Error(`${where}: ${(error as Error).message}`, { cause: error });
    }
    if (id === '') throw new Error(`${where}: ${key} is missing`);
    return { section, id: textOf(id), entry: entry as JsonObject };
  });
}

const isObject = (value: JsonValue): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
