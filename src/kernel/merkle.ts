import { hash } from 'node:crypto';

/*
 * Trees as in RFC 6962, of leaves that are hashed already: 32 bytes each, one after another. A node is the SHA-256 of
 * the byte 1 and its two children. Where a level has an odd one, it goes up as it is.
 */

const SIZE = 32;

/** The root over one or more leaves. */
export function rootOf(leaves: Buffer): Buffer {
  let level = leaves;
  while (level.length > SIZE) level = above(level);
  return level;
}

/** The siblings on the way from a leaf to the root, from below. */
export function pathOf(leaves: Buffer, index: number): Buffer[] {
  const path: Buffer[] = [];
  for (let level = leaves, at = index; level.length > SIZE; level = above(level), at >>= 1) {
    const sibling = (at ^ 1) * SIZE;
    if (sibling < level.length) path.push(level.subarray(sibling, sibling + SIZE));
  }
  return path;
}

function above(level: Buffer): Buffer {
  const nodes = level.length / SIZE;
  const out = Buffer.allocUnsafe(Math.ceil(nodes / 2) * SIZE);
  const pair = Buffer.allocUnsafe(1 + 2 * SIZE);
  pair[0] = 1;
  for (let i = 0; i + 1 < nodes; i += 2) {
    level.copy(pair, 1, i * SIZE, (i + 2) * SIZE);
    hash('sha256', pair, 'buffer').copy(out, (i >> 1) * SIZE);
  }
  if (nodes % 2 === 1) level.copy(out, out.length - SIZE, level.length - SIZE);
  return out;
}
