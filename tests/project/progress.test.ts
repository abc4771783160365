import test from 'ava';
import { createProgress } from '../../dapr/runtime/progress.ts';

/** An output that stores its text; it is a terminal when it has columns. */
function recorded(columns?: number) {
  const written: string[] = [];
  const write = (text: string) => void written.push(text);
  return { output: columns === undefined ? { write } : { write, isTTY: true, columns }, text: () => written.join('') };
}

/** The lines that a terminal shows after it has followed the cursor movements in a text. */
function shownOnTerminal(text: string): string[] {
  const lines: string[] = [];
  const visible = text.replaceAll('\u001b[', '^');
  for (const [, up, line] of visible.matchAll(/\^(\d+)A\^J|([^\n^]*)\n/g)) {
    if (up !== undefined) lines.length -= Number(up);
    else lines.push(line ?? '');
  }
  return lines;
}

test('outside a terminal a part prints one line when it begins and one when it ends', (t) => {
  const { output, text } = recorded();
  const progress = createProgress(output);

  progress.begin('Dapr', 'obtaining it');
  progress.begin('Dapr', 'building it');
  progress.end('Redis', '6.2, cached');
  progress.end('Dapr', '1.18.1, in 3.0 s');

  t.is(text(), '  Dapr: obtaining it\n  Redis: 6.2, cached\n  Dapr: 1.18.1, in 3.0 s\n');
});

test('on a terminal each part has one line, which is rewritten until the part ends', (t) => {
  const { output, text } = recorded(80);
  const progress = createProgress(output);

  progress.begin('Dapr', 'obtaining it');
  progress.begin('Redis', 'obtaining it');
  progress.begin('Dapr', 'building it');
  t.deepEqual(shownOnTerminal(text()), ['  Dapr: building it, 0 s', '  Redis: obtaining it, 0 s']);

  progress.end('Redis', '6.2, in 1.0 s');
  t.deepEqual(shownOnTerminal(text()), ['  Redis: 6.2, in 1.0 s', '  Dapr: building it, 0 s']);

  progress.end('Dapr', '1.18.1, in 3.0 s');
  t.deepEqual(shownOnTerminal(text()), ['  Redis: 6.2, in 1.0 s', '  Dapr: 1.18.1, in 3.0 s']);
});

test('on a terminal a line that rewrites itself is cut to the width', (t) => {
  const { output, text } = recorded(30);
  const progress = createProgress(output);

  progress.begin('Dapr', 'obtaining it from a place with a very long name');
  progress.close();

  t.deepEqual(
    shownOnTerminal(text()).map((line) => line.length),
    [29],
  );
});
