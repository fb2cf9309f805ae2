/** Formats counts. */

/** `1 record`, `3 records`, `1234 records`: without commas, for texts that programs parse too, such as the log. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** `1 alert`, `3 alerts`, `1,234 alerts`. */
export function countedWithCommas(count: number, one: string, many = `${one}s`): string {
  return `${withCommas(count)} ${count === 1 ? one : many}`;
}

/** `1,234`. Uses a regular expression, since the first call of `toLocaleString` takes more than 10 ms. */
export function withCommas(count: number): string {
  return String(count).replace(/\B(?=(?:\d{3})+$)/g, ',');
}
