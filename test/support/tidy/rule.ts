/** A file of the project: its path in the checkout, and its text. */
export interface Source {
  readonly path: string;
  readonly text: string;
}

/** A rule of the project. Each of `wrong` is a project that breaks it, so that the rule itself is tested. */
export interface Rule {
  readonly name: string;
  check(sources: readonly Source[]): string[];
  readonly wrong: readonly (readonly Source[])[];
}

/** A file of a project that breaks a rule. */
export const source = (path: string, text = ''): Source => ({ path, text });
/** A project of one file. */
export const alone = (path: string, text = ''): Source[] => [source(path, text)];
