/** Views on one buffer that nothing else uses, so that it can be transferred to another thread. */
export interface OwnViews {
  readonly views: readonly Uint8Array[];
  readonly buffer: ArrayBuffer;
}

/** A copy of the views, next to each other. */
export function ownViews(views: readonly Uint8Array[]): OwnViews {
  const own = Buffer.allocUnsafeSlow(views.reduce((sum, { length }) => sum + length, 0));
  let end = 0;
  const copies = views.map((view) => {
    const start = end;
    own.set(view, start);
    end += view.length;
    return own.subarray(start, end);
  });
  return { views: copies, buffer: own.buffer };
}
