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

/** The texts of the page in one language; `direction` is that of its script. */
export type PageTexts = typeof en;

const translations: Readonly<Record<string, PageTexts>> = { ar, de, en, es, fr, he, hi, it, ja, nl, pl, pt, tr };

export const pageLanguages: readonly string[] = Object.keys(translations);

/** The texts in the language of a locale, else in English, with the language that was used. */
export function textsFor(locale: string): { readonly language: string; readonly texts: PageTexts } {
  const language = locale.split('-')[0]?.toLowerCase() ?? '';
  const texts = Object.hasOwn(translations, language) ? translations[language] : undefined;
  return texts ? { language, texts } : { language: 'en', texts: en };
}
