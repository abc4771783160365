import { closeSync, mkdirSync, openSync, readSync, renameSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

const rotateAtBytes = 32 * 1024 * 1024;

const size = (file: string): number => statSync(file, { throwIfNoEntry: false })?.size ?? 0;

/** The text that a part wrote since the given byte, at most the last 64 KiB. */
export function readLog(file: string, from: number): string {
  const end = size(file);
  const start = Math.max(from, end - 65_536);
  const buffer = Buffer.alloc(Math.max(0, end - start));
  const descriptor = openSync(file, 'r');
  readSync(descriptor, buffer, 0, buffer.length, start);
  closeSync(descriptor);
  return buffer.toString('utf8');
}

/** The last lines since the given byte, for a message to the operator. */
export function lastLines(file: string, from: number): string {
  return readLog(file, from).trimEnd().split('\n').slice(-25).join('\n');
}

/**
 * Opens a log for appending, readable by its owner only. A large log is renamed to `<log>.1` first.
 * A part writes to the file and not to a pipe, so that nothing is lost when the supervisor is
 * killed.
 */
export function openLog(file: string): { descriptor: number; from: number } {
  mkdirSync(dirname(file), { recursive: true });
  if (size(file) > rotateAtBytes) renameSync(file, `${file}.1`);
  return { descriptor: openSync(file, 'a', 0o600), from: size(file) };
}
