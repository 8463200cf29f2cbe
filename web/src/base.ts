/** Where the page is: its files and the API it speaks to lie below the same path, that of the present or that of a recorded moment. */

const MOMENT_PATH = /\/past\/(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{3})?Z)\/$/;

const [, momentText] = MOMENT_PATH.exec(window.location.pathname) ?? [];

/** The recorded moment that the page shows, ms since the epoch; null = the present. */
export const moment = momentText === undefined ? null : Date.parse(momentText);

const here = new URL('.', window.location.href);
const present = moment === null ? here : new URL('../../', here);

/** The API of what the page shows. */
export function apiUrl(path: string): string {
  return new URL(`api/v1/${path}`, here).href;
}

/** The API of the program that runs now. */
export function presentApiUrl(path: string): string {
  return new URL(`api/v1/${path}`, present).href;
}

/** The same view, or that of another hash, at another moment, ms since the epoch; null = now. */
export function momentHref(time: number | null, hash = window.location.hash): string {
  const name = time === null ? '' : new Date(time).toISOString().replace('.000Z', 'Z');
  const url = new URL(name === '' ? '.' : `past/${name}/`, present);
  url.hash = hash;
  return url.href;
}
