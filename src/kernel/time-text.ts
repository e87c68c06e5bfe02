/** A time as records say it: RFC 3339 in UTC with six decimals. @param micros microseconds since 1970. */
export function timeText(micros: number): string {
  const text = new Date(Math.floor(micros / 1000)).toISOString();
  return `${text.slice(0, -1)}${String(micros % 1000).padStart(3, '0')}Z`;
}
