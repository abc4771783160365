import { formatDuration } from '../shared/format.ts';
import ar from './messages/ar.json' with { type: 'json' };
import de from './messages/de.json' with { type: 'json' };
import en from './messages/en.json' with { type: 'json' };
import es from './messages/es.json' with { type: 'json' };
import fr from './messages/fr.json' with { type: 'json' };
import hi from './messages/hi.json' with { type: 'json' };
import it from './messages/it.json' with { type: 'json' };
import ja from './messages/ja.json' with { type: 'json' };
import nl from './messages/nl.json' with { type: 'json' };
import pl from './messages/pl.json' with { type: 'json' };
import pt from './messages/pt.json' with { type: 'json' };
import tr from './messages/tr.json' with { type: 'json' };

/** Names of statuses, line kinds and billing intervals, in one language. */
export type Messages = typeof en;

export type Interval = { readonly unit: 'day' | 'week' | 'month' | 'year'; readonly count: number };

const messagesByLanguage: Readonly<Record<string, Messages>> = { ar, de, en, es, fr, hi, it, ja, nl, pl, pt, tr };

/** The languages that have messages; amounts and dates can be formatted in many more. */
export const locales: readonly string[] = Object.keys(messagesByLanguage);

/** The messages in the language of the locale, else in English, with the language that was used. */
export function messagesFor(locale: string): { readonly locale: string; readonly messages: Messages } {
  const language = locale.split('-')[0]?.toLowerCase() ?? '';
  const known = Object.hasOwn(messagesByLanguage, language) ? messagesByLanguage[language] : undefined;
  return known ? { locale: language, messages: known } : { locale: 'en', messages: en };
}

/** A billing interval in words: `monatlich`, or `alle 3 Monate` for a count above one. */
export function intervalName({ unit, count }: Interval, locale: string): string {
  const { locale: language, messages } = messagesFor(locale);
  if (count === 1) return messages.interval[unit];
  return messages.interval[`${unit}s`].replace('{duration}', formatDuration(count, unit, language));
}
