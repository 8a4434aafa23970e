/**
 * Whether a custom number's name says that it is of an attribute by which people must not be told apart: one of its words, or two together,
 * is on the list. What is protected under another name is marked by the customer record or named by the installation.
 */
export function isProtectedName(name: string): boolean {
  const words = name
    .replaceAll(/([a-z])([A-Z])/g, "$1 $2")
    .toLowerCase()
    .split(/[^\p{L}]+/u);
  return words.some((word, i) => PROTECTED.has(word) || PROTECTED.has(`${word} ${words[i + 1] ?? ""}`));
}

const PROTECTED: ReadonlySet<string> = new Set([
  "age",
  "birth",
  "birthday",
  "birthdate",
  "born",
  "gender",
  "sex",
  "sexual orientation",
  "race",
  "ethnicity",
  "ethnic",
  "nationality",
  "national origin",
  "religion",
  "belief",
  "disability",
  "health status",
  "illness",
  "medical",
  "pregnancy",
  "pregnant",
  "marital",
  "marriage",
  "family",
  "children",
  "genetic",
  "caste",
  "trade union",
  "political",
  "年龄",
  "性别",
  "民族",
  "种族",
  "国籍",
  "宗教",
  "婚姻",
  "家庭",
  "残疾",
  "健康",
]);
