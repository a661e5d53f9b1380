// Steps back and forth. A step is a whole text: texts are shared, so that a step costs what it changed at most twice.

export interface Step { text: string; selection: string[] }

const STEPS_MAX = 400;
const CHARACTERS_MAX = 64 * 1024 * 1024;

/** What was before and after; changes of one kind in a row (letters typed into one field) are one step. */
export class History {
  private past: Step[] = [];
  private future: Step[] = [];
  private kind = '';

  /** `before` is left behind by a change of this kind; '' never joins. */
  push(before: Step, kind: string): void {
    this.future = [];
    if (kind !== '' && kind === this.kind) return;
    this.kind = kind;
    this.past.push(before);
    let size = this.past.reduce((sum, step) => sum + step.text.length, 0);
    while (this.past.length > STEPS_MAX || (size > CHARACTERS_MAX && this.past.length > 1)) size -= this.past.shift()?.text.length ?? 0;
  }
  /** The next change is a step of its own, whatever its kind. */
  pause(): void { this.kind = ''; }

  undo(now: Step): Step | undefined { return this.take(this.past, this.future, now); }
  redo(now: Step): Step | undefined { return this.take(this.future, this.past, now); }
  get canUndo(): boolean { return this.past.length > 0; }
  get canRedo(): boolean { return this.future.length > 0; }

  private take(from: Step[], to: Step[], now: Step): Step | undefined {
    this.kind = '';
    const step = from.pop();
    if (step) to.push(now);
    return step;
  }
}
