import type { Profile } from "@tidemark/contracts";
import { openInTable, tableEntries, type TableShape } from "./name-table.ts";

export const COMPLAINT_CATEGORIES: TableShape = { entriesMax: 4, valueBytes: 4, nameBytesMax: 24 };

/** Counts a complaint that is opened by what it is about. Withdrawn, it stays counted: this is what was complained of. */
export function countComplaintCategory(profile: Profile, category: string | null): void {
  if (category === null) return;
  const { table, entry } = openInTable(profile.complaintCategories, COMPLAINT_CATEGORIES, category);
  profile.complaintCategories = table;
  if (entry === null) return;
  table.writeUInt32LE(Math.min(0xffff_ffff, table.readUInt32LE(entry.valueAt) + 1), entry.valueAt);
}

/** Complaints opened by category. */
export function complaintCategoriesOf(
  complaintCategories: Buffer,
): { readonly name: string; readonly count: number }[] {
  return tableEntries(complaintCategories, COMPLAINT_CATEGORIES).map(({ name, valueAt }) => {
    return { name, count: complaintCategories.readUInt32LE(valueAt) };
  });
}
