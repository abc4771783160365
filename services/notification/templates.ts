import de from './templates/de.json' with { type: 'json' };
import en from './templates/en.json' with { type: 'json' };
import es from './templates/es.json' with { type: 'json' };
import fr from './templates/fr.json' with { type: 'json' };

/** The words of one message with `{placeholders}`; `sms` where it may also be said in one. */
export type Template = { readonly subject: string; readonly body: string; readonly sms?: string };
export type TemplateName = keyof typeof en;

/** English is complete by type, the others are held to it by a test. */
const catalogue: Readonly<Record<string, Readonly<Record<TemplateName, Template>>>> = { en, de, fr, es };

export const languages: readonly string[] = Object.keys(catalogue);

/** The language in which a reader of a locale is written to: theirs where there is one, else English. */
export function languageFor(locale: string): string {
  const language = locale.split('-')[0]?.toLowerCase() ?? '';
  return Object.hasOwn(catalogue, language) ? language : 'en';
}

export const templateIn = (language: string, name: TemplateName): Template => (catalogue[language] ?? en)[name];

/** Puts the values in; throws on a placeholder without one, which is a fault of ours and never goes out. */
export const fill = (text: string, values: Readonly<Record<string, string>>): string =>
  text.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`the template asks for ${name}, which the message does not give`);
    return value;
  });

export const placeholdersOf = ({ subject, body, sms = '' }: Template): readonly string[] => [
  ...new Set([...`${subject} ${body} ${sms}`.matchAll(/\{(\w+)\}/g)].map(([, name]) => String(name))),
];
