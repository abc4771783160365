import ar from './translations/ar.json' with { type: 'json' };
import de from './translations/de.json' with { type: 'json' };
import en from './translations/en.json' with { type: 'json' };
import es from './translations/es.json' with { type: 'json' };
import fr from './translations/fr.json' with { type: 'json' };
import he from './translations/he.json' with { type: 'json' };
import hi from './translations/hi.json' with { type: 'json' };
import it from './translations/it.json' with { type: 'json' };
import ja from './translations/ja.json' with { type: 'json' };
import nl from './translations/nl.json' with { type: 'json' };
import pl from './translations/pl.json' with { type: 'json' };
import pt from './translations/pt.json' with { type: 'json' };
import tr from './translations/tr.json' with { type: 'json' };

/** What the page says, in one language; `direction` is how that language is written. */
export type Words = typeof en;

const spoken: Readonly<Record<string, Words>> = { ar, de, en, es, fr, he, hi, it, ja, nl, pl, pt, tr };

export const pageLanguages: readonly string[] = Object.keys(spoken);

/** The words of a locale's language, and which one that is; English where it is not spoken here. */
export function wordsFor(locale: string): { readonly language: string; readonly words: Words } {
  const language = locale.split('-')[0]?.toLowerCase() ?? '';
  const words = Object.hasOwn(spoken, language) ? spoken[language] : undefined;
  return words ? { language, words } : { language: 'en', words: en };
}
