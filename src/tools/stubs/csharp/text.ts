import type { DescFile, DescMessage, DescMethod, DescService } from '@bufbuild/protobuf';
import { getComments } from '@bufbuild/protoplugin';

/** The attribute of all that is generated. */
export const GENERATED = '[global::System.CodeDom.Compiler.GeneratedCode("grpc_csharp_plugin", null)]';

/** Indents lines; empty ones stay empty. */
export const indent = (lines: readonly string[], by = 2): string[] =>
  lines.map((line) => (line === '' ? '' : ' '.repeat(by) + line));

/** A head, and its body in braces. */
export const block = (head: readonly string[], body: readonly string[]): string[] => [
  ...head,
  '{',
  ...indent(body),
  '}',
];

/** The contract's comment as a C# comment, with one empty line between paragraphs. */
export function summary(desc: DescService | DescMethod): string[] {
  const { leading, trailing } = getComments(desc);
  const text = (leading || trailing || '').replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  if (text === '') return [];
  const lines = text
    .replace(/\n+$/, '')
    .replace(/\n{2,}/g, '\n\n')
    .split('\n');
  return ['/// <summary>', ...lines.map((line) => `///${line.replace(/^\//, '&#x2F;')}`), '/// </summary>'];
}

export const obsolete = (desc: DescService | DescMethod): string[] =>
  desc.deprecated ? ['[global::System.ObsoleteAttribute]'] : [];

export const namespaceOf = (file: DescFile): string => file.proto.options?.csharpNamespace ?? '';

/** The name of the field with a message's marshaller. */
export const marshallerOf = (message: DescMessage): string => `__Marshaller_${message.typeName.replaceAll('.', '_')}`;

/** The full name of a message's class. */
export const classOf = (message: DescMessage): string =>
  message.parent === undefined
    ? `global::${namespaceOf(message.file)}.${message.name}`
    : `${classOf(message.parent)}.Types.${message.name}`;
