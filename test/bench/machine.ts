import { execFile } from 'node:child_process';
import { availableParallelism, cpus, totalmem } from 'node:os';
import { promisify } from 'node:util';
import { findEnvoy } from '../../src/tools/envoy-binary.ts';

/** What the figures were measured on, a line each. */
export async function machine(): Promise<string[]> {
  const envoy = await findEnvoy({ say: () => undefined });
  const version = envoy === null ? 'none' : (await promisify(execFile)(envoy, ['--version'])).stdout;
  return [
    `${availableParallelism()} cores of ${cpus()[0]?.model.trim() ?? 'an unknown model'}, ` +
      `${(totalmem() / 2 ** 30).toFixed(0)} GB of memory, ${process.platform} ${process.arch}`,
    `Node.js ${process.versions.node}, Envoy ${/\d+\.\d+\.\d+/.exec(version)?.[0] ?? 'unknown'}`,
  ];
}
