import type { Names } from '../../../events/index.ts';

/** The documented name of a brand: "operator:brand"; of none: the operator's. */
export const publicOwner = ({ operator }: Names, brand: string): string =>
  brand === '' ? operator : `${operator}:${brand}`;
