import { languageOf } from './text-runs.ts';
import ar from './words/ar.json' with { type: 'json' };
import de from './words/de.json' with { type: 'json' };
import el from './words/el.json' with { type: 'json' };
import en from './words/en.json' with { type: 'json' };
import es from './words/es.json' with { type: 'json' };
import fr from './words/fr.json' with { type: 'json' };
import he from './words/he.json' with { type: 'json' };
import hi from './words/hi.json' with { type: 'json' };
import it from './words/it.json' with { type: 'json' };
import ja from './words/ja.json' with { type: 'json' };
import ko from './words/ko.json' with { type: 'json' };
import nl from './words/nl.json' with { type: 'json' };
import pl from './words/pl.json' with { type: 'json' };
import pt from './words/pt.json' with { type: 'json' };
import ru from './words/ru.json' with { type: 'json' };
import tr from './words/tr.json' with { type: 'json' };
import uk from './words/uk.json' with { type: 'json' };
import zh from './words/zh.json' with { type: 'json' };

/** What a document itself says, in one language. */
export type Words = typeof en;

const spoken: Readonly<Record<string, Words>> = { ar, de, el, en, es, fr, he, hi, it, ja, ko, nl, pl, pt, ru, tr, uk, zh };

export const documentLanguages: readonly string[] = Object.keys(spoken);

/** The locale's words and that locale; English, where its language is not spoken, so that words, dates and direction agree. */
export function wordsFor(locale: string): { readonly locale: string; readonly words: Words } {
  const words = spoken[languageOf(locale)];
  return words ? { locale, words } : { locale: 'en', words: en };
}

/** Puts values into a phrase: `Page {page} of {pages}`. */
export const filled = (phrase: string, values: Readonly<Record<string, string | number>>): string =>
  phrase.replace(/\{(\w+)\}/g, (placeholder, name: string) => String(values[name] ?? placeholder));
