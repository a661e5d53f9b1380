// Going through the rows of a waterfall by keys.

export function rowsOf(tree: Element | null): HTMLElement[] {
  return tree ? [...tree.querySelectorAll<HTMLElement>('[role="treeitem"]')] : [];
}

/** Of these rows the next below the one that has the focus; of the last, the first. */
function next(tree: HTMLElement | null, some: readonly HTMLElement[]): void | boolean {
  if (some.length === 0) return false;
  const rows = rowsOf(tree);
  const at = rows.indexOf(document.activeElement as HTMLElement);
  const row = some.find(one => rows.indexOf(one) > at) ?? some[0];
  row?.focus();
  row?.click();
}

export const nextFailed = (tree: HTMLElement | null): void | boolean => next(tree, rowsOf(tree).filter(row => row.dataset.failed));

/** From the longest on: the row that is the next shorter than the one with the focus. */
export function nextSlowest(tree: HTMLElement | null): void | boolean {
  const rows = rowsOf(tree).filter(row => row.dataset.us !== undefined).sort((a, b) => Number(b.dataset.us) - Number(a.dataset.us));
  const row = rows[(rows.indexOf(document.activeElement as HTMLElement) + 1) % Math.max(1, rows.length)];
  if (!row) return false;
  row.focus();
  row.scrollIntoView({ block: 'nearest' });
  row.click();
}

/** Arrow keys in the tree: rows, and left and right to close and open one. */
export function moveInTree(event: KeyboardEvent & { currentTarget: HTMLElement }): void {
  const rows = rowsOf(event.currentTarget);
  const at = rows.indexOf(document.activeElement as HTMLElement);
  if (at < 0) return;
  const row = rows[at];
  const fold = row?.querySelector<HTMLElement>('.caret[aria-expanded]');
  const open = fold?.getAttribute('aria-expanded') === 'true';
  const act: Record<string, () => void> = {
    ArrowDown: () => rows[at + 1]?.focus(),
    ArrowUp: () => rows[at - 1]?.focus(),
    ArrowRight: () => (fold && !open ? fold.click() : rows[at + 1]?.focus()),
    ArrowLeft: () => (fold && open ? fold.click() : rows.slice(0, at).reverse().find(other => Number(other.ariaLevel) < Number(row?.ariaLevel))?.focus()),
    Enter: () => row?.click(),
    Home: () => rows[0]?.focus(),
    End: () => rows.at(-1)?.focus(),
  };
  const action = act[event.key];
  if (!action) return;
  event.preventDefault();
  event.stopPropagation();
  action();
}
