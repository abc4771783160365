import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { findOnPath } from '../../dapr/runtime/command.ts';

const isThere = findOnPath('pdftotext') !== undefined && findOnPath('pdffonts') !== undefined;

/** A test that reads a PDF with a program of somebody else's. */
export const pdfTest = (title: string, run: (t: ExecutionContext) => Promise<void>): void =>
  isThere ? test(title, run) : test.skip(`${title} (skipped: pdftotext and pdffonts, of poppler-utils, are not installed)`, run);

function asked(program: string, options: readonly string[], pdf: Buffer): string {
  const folder = mkdtempSync(join(tmpdir(), 'marquee-pdf-'));
  try {
    writeFileSync(join(folder, 'document.pdf'), pdf);
    return execFileSync(program, [...options, join(folder, 'document.pdf'), ...(program === 'pdftotext' ? ['-'] : [])], {
      encoding: 'utf8',
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** What a reader sees, line by line, with single plain spaces and without marks of direction. */
export const textIn = (pdf: Buffer): string =>
  asked('pdftotext', ['-layout'], pdf)
    .replace(/[\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]/g, '')
    .replace(/[^\S\n]+/g, ' ');

/** One row a font: whether it is embedded, and only the characters used of it. */
export const fontsIn = (pdf: Buffer): readonly { readonly embedded: boolean; readonly subset: boolean }[] =>
  asked('pdffonts', [], pdf)
    .split('\n')
    .slice(2)
    .filter((row) => row !== '')
    .map((row) => /(yes|no) +(yes|no) +(yes|no) +\d+ +\d+$/.exec(row) ?? [])
    .map(([, embedded, subset]) => ({ embedded: embedded === 'yes', subset: subset === 'yes' }));
