// States on the clipboard: as JSON, so that they go from one machine to another.

import * as operations from '../../model/editor/operations';
import { announce } from '../../widgets/announce';
import type { Editor } from './store';

const CLIP = 'weft-states';

/** What is selected. */
export const clipOf = (editor: Editor): string => JSON.stringify({ [CLIP]: operations.copied(editor.machine, editor.selected) }, null, 2);

/** Puts in the states that a text holds; false where it holds none. */
export function pasteText(editor: Editor, text: string): boolean {
  try {
    const fragment = (JSON.parse(text) as Record<string, operations.Fragment | undefined>)[CLIP];
    if (fragment) editor.insert(fragment, undefined, true);
    return true;
  } catch {
    announce('There are no states on the clipboard');
    return false;
  }
}

/** The same from the clipboard, where the browser lets the page read it. */
export const pasteNow = (editor: Editor): void => void navigator.clipboard.readText().then(text => void pasteText(editor, text), () => announce('The browser does not let the page read the clipboard: Ctrl V does it'));
