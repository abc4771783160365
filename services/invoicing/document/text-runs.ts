import bidiFactory, { type Bidi } from 'bidi-js';
import { type Typeface, typefaceOf, type Weight } from './fonts.ts';

/** A piece of a line that is drawn in one call, in the reading order of its script. */
export type TextRun = { readonly text: string; readonly typeface: Typeface };

export type Direction = 'ltr' | 'rtl';

/**
 * The types of bidi-js describe its ES build; Node loads the other one, which is the factory
 * itself.
 */
const bidi = (bidiFactory as unknown as () => Bidi)();

const rightToLeft = new Set(['ar', 'fa', 'he', 'ur', 'yi', 'ps', 'sd', 'ug', 'dv']);

export const languageOf = (locale: string): string => locale.split('-')[0]?.toLowerCase() ?? '';

export const directionOf = (locale: string): Direction => (rightToLeft.has(languageOf(locale)) ? 'rtl' : 'ltr');

type Piece = { text: string; readonly level: number; readonly typeface: Typeface };

/**
 * One line as runs from left to right: split where the direction or the font changes, and in
 * right-to-left text also between words, because fonts shape single words; then put into visual
 * order by rule L2 of the Unicode Bidirectional Algorithm (UAX #9), with brackets mirrored (L4).
 */
export function runsOf(line: string, direction: Direction, language: string, weight: Weight): readonly TextRun[] {
  const pieces = piecesOf(line, direction, language, weight);
  const highest = pieces.reduce((most, { level }) => Math.max(most, level), 0);
  for (let level = highest; level > 0; level -= 1) reverseFrom(pieces, level);
  return pieces.map(({ text, level, typeface }) => ({ text: level % 2 === 1 ? inVisualOrder(text) : text, typeface }));
}

function piecesOf(line: string, direction: Direction, language: string, weight: Weight): Piece[] {
  const embedding = bidi.getEmbeddingLevels(line, direction);
  const mirrored = bidi.getMirroredCharactersMap(line, embedding.levels);
  const pieces: Piece[] = [];
  let index = 0;
  for (const character of line) {
    const level = embedding.levels[index] as number;
    const text = mirrored.get(index) ?? character;
    const last = pieces.at(-1);
    const typeface = fitsAnyFont(character) && last ? last.typeface : typefaceOf(character, language, weight);
    const isOneWord = level % 2 === 0 || isSpace(character) === isSpace(last?.text.at(-1) ?? '');
    if (last?.level === level && last.typeface === typeface && isOneWord) last.text += text;
    else pieces.push({ text, level, typeface });
    index += character.length;
  }
  return pieces;
}

const isSpace = (character: string): boolean => /^\s$/.test(character);

/** Spaces, marks and joiners keep the font of the character before them. */
const fitsAnyFont = (character: string): boolean => /\s|\p{M}|\p{Cf}/u.test(character);

/** Reverses each sequence of pieces whose level is at least this one. */
function reverseFrom(pieces: Piece[], level: number): void {
  for (let start = 0; start < pieces.length; start += 1) {
    let end = start;
    while ((pieces[end]?.level ?? -1) >= level) end += 1;
    if (end > start) pieces.splice(start, end - start, ...pieces.slice(start, end).reverse());
    start = Math.max(start, end);
  }
}

/**
 * Fonts shape right-to-left scripts from their logical order. They do not reorder other characters,
 * so those are reversed here.
 */
const inVisualOrder = (text: string): string => (/[\p{Script=Arabic}\p{Script=Hebrew}]/u.test(text) ? text : [...text].reverse().join(''));

/**
 * Wraps a text into lines no wider than `width`, between words as the language defines them, also
 * where it writes no spaces. A word that is too long has a line of its own.
 */
export function linesOf(text: string, language: string, width: number, widthOf: (line: string) => number): readonly string[] {
  const words = new Intl.Segmenter(language === '' ? 'en' : language, { granularity: 'word' });
  const lines: string[] = [];
  for (const paragraph of text.split('\n')) {
    let line = '';
    for (const { segment } of words.segment(paragraph)) {
      const isFull = line.trim() !== '' && !/^[\s\p{P}]/u.test(segment) && widthOf((line + segment).trimEnd()) > width;
      if (isFull) lines.push(line.trimEnd());
      line = isFull ? segment : line + segment;
    }
    lines.push(line.trimEnd());
  }
  return lines;
}
