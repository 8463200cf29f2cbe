/** Where the page is: its files and the API it speaks to lie below the same path, that of the present or that of a recorded moment. */

const MOMENT_PATH = /\/past\/(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)\/$/;

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

/** The same view at another moment, ms since the epoch; null = now. */
export function momentHref(time: number | null): string {
  const second = time === null ? '' : new Date(Math.floor(time / 1000) * 1000).toISOString().slice(0, 19);
  const url = new URL(second === '' ? '.' : `past/${second}Z/`, present);
  url.hash = window.location.hash;
  return url.href;
}
