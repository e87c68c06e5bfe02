import { realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** The place of a file, as an absolute path; null: it is in the folder, which may not even exist, or is the folder. */
export function placeOutside(folder: string, file: string): string | null {
  const place = realPlace(file);
  return `${place}/`.startsWith(`${realPlace(folder)}/`) ? null : place;
}

/** A path with the links of its folders resolved, as far as they exist. The last part may be a link itself. */
function realPlace(path: string): string {
  const folder = dirname(path);
  if (folder === path) return path;
  try {
    return join(realpathSync(folder), basename(path));
  } catch {
    return join(realPlace(folder), basename(path));
  }
}
