import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { create, type Font, type GlyphRun } from 'fontkit';
import { LRUCache } from 'lru-cache';

export type Weight = 'Regular' | 'Bold';

/** A font under the name a document knows it by, so that one document embeds it once. */
export type Typeface = { readonly name: string; readonly font: Font };

type Family = { readonly folder: string; readonly file: string; readonly type: 'ttf' | 'otf' };

const latin: Family = { folder: 'latin', file: 'NotoSans', type: 'ttf' };
const arabic: Family = { folder: 'arabic', file: 'NotoNaskhArabic', type: 'ttf' };
const hebrew: Family = { folder: 'hebrew', file: 'NotoSansHebrew', type: 'ttf' };
const chinese: Family = { folder: 'sc', file: 'NotoSansHans', type: 'otf' };
const japanese: Family = { folder: 'jp', file: 'NotoSansJP', type: 'otf' };
const korean: Family = { folder: 'kr', file: 'NotoSansKR', type: 'otf' };

/** Latin has Cyrillic, Greek and Devanagari too. Han characters look different in each language, so the reader's own font is asked first. */
const others: Readonly<Record<string, readonly Family[]>> = {
  ja: [japanese, chinese, korean],
  ko: [korean, chinese, japanese],
};
const familiesFor = (language: string): readonly Family[] => [latin, arabic, hebrew, ...(others[language] ?? [chinese, japanese, korean])];

const { resolve } = createRequire(import.meta.url);
const opened = new Map<string, Typeface>();

/** Read at first use and kept: parsing one costs more than a whole document. */
function typeface({ folder, file, type }: Family, weight: Weight): Typeface {
  const name = `${file}-${weight}`;
  const known = opened.get(name);
  if (known) return known;
  const fonts = join(dirname(resolve(`@embedpdf/fonts-${folder}`)), '..', 'fonts');
  const made = { name, font: cachingLayout(create(readFileSync(join(fonts, `${name}.${type}`))) as Font) };
  opened.set(name, made);
  return made;
}

/** Shaping words costs most of a document, and documents say the same words. A run is handed out as a copy, for its user scales the positions. */
function cachingLayout(font: Font): Font {
  const runs = new LRUCache<string, GlyphRun>({ max: 3_000 });
  const layout = (text: string): GlyphRun => {
    const run = runs.get(text) ?? named(font, text).layout(text);
    runs.set(text, run);
    return Object.assign(Object.create(Object.getPrototypeOf(run)), run, { positions: run.positions.map((position) => ({ ...position })) });
  };
  return Object.create(font, { layout: { value: layout } });
}

/** A letter that was first met as a part of another one (C in Ç) is kept without its character, and could not be copied out of a PDF. */
function named(font: Font, text: string): Font {
  for (const character of text) {
    const codePoint = character.codePointAt(0) as number;
    const { codePoints } = font.glyphForCodePoint(codePoint);
    if (codePoints.length === 0) codePoints.push(codePoint);
  }
  return font;
}

/** The first font that has this character, else the first one, which shows its box for what nobody can write. */
export function typefaceOf(character: string, language: string, weight: Weight): Typeface {
  const codePoint = character.codePointAt(0) as number;
  const families = familiesFor(language);
  const found = families.find((family) => typeface(family, weight).font.hasGlyphForCodePoint(codePoint));
  return typeface(found ?? latin, weight);
}
