import { languageOf } from './text-runs.ts';
import ar from './translations/ar.json' with { type: 'json' };
import de from './translations/de.json' with { type: 'json' };
import el from './translations/el.json' with { type: 'json' };
import en from './translations/en.json' with { type: 'json' };
import es from './translations/es.json' with { type: 'json' };
import fr from './translations/fr.json' with { type: 'json' };
import he from './translations/he.json' with { type: 'json' };
import hi from './translations/hi.json' with { type: 'json' };
import it from './translations/it.json' with { type: 'json' };
import ja from './translations/ja.json' with { type: 'json' };
import ko from './translations/ko.json' with { type: 'json' };
import nl from './translations/nl.json' with { type: 'json' };
import pl from './translations/pl.json' with { type: 'json' };
import pt from './translations/pt.json' with { type: 'json' };
import ru from './translations/ru.json' with { type: 'json' };
import tr from './translations/tr.json' with { type: 'json' };
import uk from './translations/uk.json' with { type: 'json' };
import zh from './translations/zh.json' with { type: 'json' };

/** The fixed texts of a document in one language. */
export type Translation = typeof en;

const translations: Readonly<Record<string, Translation>> = { ar, de, el, en, es, fr, he, hi, it, ja, ko, nl, pl, pt, ru, tr, uk, zh };

export const documentLanguages: readonly string[] = Object.keys(translations);

/**
 * The translation for a locale, with the locale to format in. English for both where there is no
 * translation, so that texts, dates and direction agree.
 */
export function translationFor(locale: string): { readonly locale: string; readonly words: Translation } {
  const words = translations[languageOf(locale)];
  return words ? { locale, words } : { locale: 'en', words: en };
}

/** Inserts values into a phrase: `Page {page} of {pages}`. */
export const fillIn = (phrase: string, values: Readonly<Record<string, string | number>>): string =>
  phrase.replace(/\{(\w+)\}/g, (placeholder, name: string) => String(values[name] ?? placeholder));
