import { goPlugins, installed, javaPlugin, python, rustPlugins, type Toolkit } from './toolkits.ts';

/** A language that code is generated in, in the folder of `gen` with its name. */
export interface Language {
  /** Whether its code is in the repository; otherwise it is generated on demand. */
  readonly committed: boolean;
  /**
   * Whether the language has its own package with google.rpc. A second copy is an error at start in Go and Python, and
   * a different type everywhere. If there is no such package, google.rpc is generated.
   */
  readonly hasGoogleRpc: boolean;
  /** The tools that generate it, besides those installed by npm. */
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
