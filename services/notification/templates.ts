import de from './templates/de.json' with { type: 'json' };
import en from './templates/en.json' with { type: 'json' };
import es from './templates/es.json' with { type: 'json' };
import fr from './templates/fr.json' with { type: 'json' };

/**
 * The texts of one message with `{placeholders}`; `sms` for a message that can be sent as SMS too.
 */
export type Template = { readonly subject: string; readonly body: string; readonly sms?: string };
export type TemplateName = keyof typeof en;

/** English is complete by its type; a test ensures that the other languages are. */
const templates: Readonly<Record<string, Readonly<Record<TemplateName, Template>>>> = { en, de, fr, es };

export const languages: readonly string[] = Object.keys(templates);

/**
 * The language of messages to a reader of this locale: their own if it has templates, else English.
 */
export function languageFor(locale: string): string {
  const language = locale.split('-')[0]?.toLowerCase() ?? '';
  return Object.hasOwn(templates, language) ? language : 'en';
}

export const templateIn = (language: string, name: TemplateName): Template => (templates[language] ?? en)[name];

/**
 * Replaces placeholders by values; throws for a placeholder without a value, so that it is never
 * sent.
 */
export const fill = (text: string, values: Readonly<Record<string, string>>): string =>
  text.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`The template needs a value for ${name}, which the message does not have.`);
    return value;
  });

export const placeholdersOf = ({ subject, body, sms = '' }: Template): readonly string[] => [
  ...new Set([...`${subject} ${body} ${sms}`.matchAll(/\{(\w+)\}/g)].map(([, name]) => String(name))),
];
