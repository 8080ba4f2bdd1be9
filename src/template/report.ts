import { GantryError } from '#errors';
import { sourceOf, type Place } from './nodes.ts';

/** Words the errors of an execution: where in the template, at which node, and why. */
export class Reporter {
  /** The whole template. */
  protected readonly source: string;
  private readonly name: string;
  private place: Place | undefined;

  /** `name` is that of the body that runs. */
  constructor(source: string, name: string) {
    this.source = source;
    this.name = name;
  }

  /** An error from now on points at this node: Go points at the one that was begun last. */
  at(place: Place): void {
    this.place = place;
  }

  /** @throws GantryError `template-execution` */
  fail(message: string, cause?: unknown): never {
    const before = this.source.slice(0, this.place?.pos ?? 0);
    const line = before.split('\n').length;
    // Go counts columns in bytes.
    const column = new TextEncoder().encode(before.slice(before.lastIndexOf('\n') + 1)).length;
    const context = this.place ? sourceOf(this.place) : '';
    const where = `template: :${line}:${column}: executing ${JSON.stringify(this.name)} at <${context}>`;
    const text = `template parsing error: ${where}: ${message}`;
    throw new GantryError('invalid-argument', 'template-execution', text, { cause });
  }
}
