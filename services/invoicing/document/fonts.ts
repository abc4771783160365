import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { create, type Font, type GlyphRun } from 'fontkit';
import { LRUCache } from 'lru-cache';

export type Weight = 'Regular' | 'Bold';

/** A font under the name by which a document embeds it once. */
export type Typeface = { readonly name: string; readonly font: Font };

type Family = { readonly folder: string; readonly file: string; readonly type: 'ttf' | 'otf' };

const latin: Family = { folder: 'latin', file: 'NotoSans', type: 'ttf' };
const arabic: Family = { folder: 'arabic', file: 'NotoNaskhArabic', type: 'ttf' };
const hebrew: Family = { folder: 'hebrew', file: 'NotoSansHebrew', type: 'ttf' };
const chinese: Family = { folder: 'sc', file: 'NotoSansHans', type: 'otf' };
const japanese: Family = { folder: 'jp', file: 'NotoSansJP', type: 'otf' };
const korean: Family = { folder: 'kr', file: 'NotoSansKR', type: 'otf' };

/**
 * The Latin font has Cyrillic, Greek and Devanagari too. Han characters look different in each
 * language, so the font of the reader's language comes first.
 */
const hanFamilies: Readonly<Record<string, readonly Family[]>> = {
  ja: [japanese, chinese, korean],
  ko: [korean, chinese, japanese],
};
const familiesFor = (language: string): readonly Family[] => [
  latin,
  arabic,
  hebrew,
  ...(hanFamilies[language] ?? [chinese, japanese, korean]),
];

const { resolve } = createRequire(import.meta.url);
const loaded = new Map<string, Typeface>();

/** Fonts are read at first use and kept: parsing one costs more than a whole document. */
function typeface({ folder, file, type }: Family, weight: Weight): Typeface {
  const name = `${file}-${weight}`;
  const known = loaded.get(name);
  if (known) return known;
  const fonts = join(dirname(resolve(`@embedpdf/fonts-${folder}`)), '..', 'fonts');
  const made = { name, font: cachingLayout(create(readFileSync(join(fonts, `${name}.${type}`))) as Font) };
  loaded.set(name, made);
  return made;
}

/**
 * Shaping words is the largest cost of a document, and documents repeat their words. A cached run
 * is copied for each use, because its user scales the positions.
 */
function cachingLayout(font: Font): Font {
  const runs = new LRUCache<string, GlyphRun>({ max: 3_000 });
  const layout = (text: string): GlyphRun => {
    const run = runs.get(text) ?? named(font, text).layout(text);
    runs.set(text, run);
    return Object.assign(Object.create(Object.getPrototypeOf(run)), run, { positions: run.positions.map((position) => ({ ...position })) });
  };
  return Object.create(font, { layout: { value: layout } });
}

/**
 * Gives each glyph its character. A glyph that was first loaded as a part of another one (C in Ç)
 * has none, and its text could not be copied from the PDF.
 */
function named(font: Font, text: string): Font {
  for (const character of text) {
    const codePoint = character.codePointAt(0) as number;
    const { codePoints } = font.glyphForCodePoint(codePoint);
    if (codePoints.length === 0) codePoints.push(codePoint);
  }
  return font;
}

/** The first font with this character; where none has it, the first one, which draws a box. */
export function typefaceOf(character: string, language: string, weight: Weight): Typeface {
  const codePoint = character.codePointAt(0) as number;
  const families = familiesFor(language);
  const found = families.find((family) => typeface(family, weight).font.hasGlyphForCodePoint(codePoint));
  return typeface(found ?? latin, weight);
}
