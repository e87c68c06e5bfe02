import { goPlugins, installed, javaPlugin, python, rustPlugins, type Toolkit } from './toolkits.ts';

/** A language that the contract is generated in, in the folder of `gen` with its name. */
export interface Language {
  /** Whether its code is in the repository; others are made on demand. */
  readonly committed: boolean;
  /**
   * Whether google.rpc comes with a package of the language's own. A second copy is an error at start in Go and Python, and
   * another type everywhere. Where there is none, it is generated.
   */
  readonly hasGoogleRpc: boolean;
  /** What generates it, beside what npm has installed. */
  readonly toolkits: readonly Toolkit[];
}

/** The languages, those of the repository first. */
export const languages: Readonly<Record<string, Language>> = {
  ts: { committed: true, hasGoogleRpc: false, toolkits: [] },
  web: { committed: true, hasGoogleRpc: false, toolkits: [] },
  go: { committed: true, hasGoogleRpc: true, toolkits: [goPlugins] },
  python: { committed: true, hasGoogleRpc: true, toolkits: [python] },
  csharp: { committed: true, hasGoogleRpc: true, toolkits: [python] },
  java: { committed: false, hasGoogleRpc: true, toolkits: [python, javaPlugin] },
  cpp: { committed: false, hasGoogleRpc: false, toolkits: [installed('protoc', 'grpc_cpp_plugin')] },
  rust: { committed: false, hasGoogleRpc: false, toolkits: [rustPlugins] },
  ruby: { committed: false, hasGoogleRpc: true, toolkits: [installed('protoc', 'grpc_ruby_plugin')] },
};
