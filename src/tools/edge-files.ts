import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { edgeDescriptors, edgeTables, loadContract } from '../rpc/index.ts';

/** Writes the files that the edge reads, `edge.binpb` and `edge.lua`, next to the contract's descriptor set. */
export function writeEdgeFiles(set: string): void {
  const folder = dirname(set);
  const contract = loadContract(set);
  writeFileSync(join(folder, 'edge.binpb'), edgeDescriptors(readFileSync(set), contract));
  writeFileSync(join(folder, 'edge.lua'), edgeTables(contract));
}
