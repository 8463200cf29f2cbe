import type { LogFields } from '../core/log.ts';

const SECRET_NAME = /token|ticket|secret|password|passphrase|authorization|cookie|api-?key/i;
/** `?ticket=…`, `Bearer …` and a user in a URL inside a longer text. */
const SECRET_IN_TEXT =
  /([?&][\w-]*(?:token|ticket|secret|password|key)[\w-]*=)[^&\s"']+|(\bBearer\s+)[^\s"']+|(:\/\/[^\s/:@]+:)[^\s/@]+(?=@)/gi;
const HIDDEN = '…';

/** The same fields with what looks like a secret hidden: entries that are named like one, and such parts of longer texts. */
export function withoutSecrets(fields: LogFields): LogFields {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => {
      if (typeof value !== 'string') return [name, value];
      return [name, SECRET_NAME.test(name) ? HIDDEN : hideIn(value)];
    }),
  );
}

function hideIn(text: string): string {
  return text.replace(
    SECRET_IN_TEXT,
    (_, query = '', bearer = '', user = '') => `${query}${bearer}${user}${HIDDEN}`,
  );
}
