/** What is to happen when: earliest first, and in the order it was noted where the times are equal. */
export interface Agenda {
  note(at: number, action: (at: number) => void): void;
  /** Takes the next thing off; null if there is none. */
  next(): AgendaEntry | null;
}

export interface AgendaEntry {
  readonly at: number;
  readonly action: (at: number) => void;
}

interface Entry extends AgendaEntry {
  readonly sequence: number;
}

/** A binary heap. */
export function createAgenda(): Agenda {
  const heap: Entry[] = [];
  let sequence = 0;

  function isBefore(a: Entry | undefined, b: Entry | undefined): boolean {
    if (a === undefined || b === undefined) return a !== undefined;
    return a.at === b.at ? a.sequence < b.sequence : a.at < b.at;
  }

  function place(entry: Entry, hole: number): void {
    let index = hole;
    for (;;) {
      const left = 2 * index + 1;
      const child = isBefore(heap[left + 1], heap[left]) ? left + 1 : left;
      const candidate = heap[child];
      if (candidate === undefined || !isBefore(candidate, entry)) break;
      heap[index] = candidate;
      index = child;
    }
    heap[index] = entry;
  }

  return {
    note(at, action) {
      const entry = { at, sequence, action };
      sequence += 1;
      let index = heap.length;
      heap.push(entry);
      while (index > 0) {
        const above = (index - 1) >> 1;
        const parent = heap[above];
        if (parent === undefined || !isBefore(entry, parent)) break;
        heap[index] = parent;
        index = above;
      }
      heap[index] = entry;
    },
    next() {
      const [first] = heap;
      const last = heap.pop();
      if (first === undefined || last === undefined) return null;
      if (heap.length > 0) place(last, 0);
      return first;
    },
  };
}
