import { hash } from 'node:crypto';

/** C(0): what a jackpot's chain begins with, 64 hex digits. */
const START = '0'.repeat(64);

/** A jackpot's chain as draws see it, 64 hex digits. @param row with the jackpot's chain; empty: at its start. */
export const chainOf = ({ chain }: { readonly chain: string }): string => (chain === '' ? START : chain);

const DIGEST = 32;
// Shared, which is safe because a digest is synchronous.
const link = Buffer.alloc(2 * DIGEST);

/** The 32 bytes of a leaf: the SHA-256 of its lines, joined by line feeds. */
export const leafOf = (lines: readonly string[]): Buffer => hash('sha256', lines.join('\n'), 'buffer');

/**
 * The leaf of a contribution: its client seed (of one that draws nothing, only what the call brought), the public name
 * of its player, and its amount in micro-units. Nothing in it is chosen by the server.
 */
export const contributionLeaf = (clientSeed: string, playerHash: string, amount: bigint): Buffer =>
  hash('sha256', `${clientSeed}\n${playerHash}\n${amount}`, 'buffer');

/** C(k) = SHA-256(C(k−1) ‖ leaf), 64 hex digits. @param chain C(k−1), 64 hex digits. */
export function nextLink(chain: string, leaf: Uint8Array): string {
  link.write(chain, 'hex');
  link.set(leaf, DIGEST);
  return hash('sha256', link, 'hex');
}
