/** Settings of the server as people change them: by a line in argus.toml, a variable or a flag. Pure; tested beside this file. */

interface SettingLike {
  name: string;
  flag: string;
  variable: string;
  kind: "text" | "whole" | "number" | "switch";
  source: string | null;
  least: number | null;
  most: number | null;
}

/** What is wrong with a value; null for one that the server would take, as far as this page knows. */
export function wrongWith(setting: SettingLike, text: string): string | null {
  const value = text.trim();
  if (setting.kind === "text") return null;
  if (setting.kind === "switch") return value === "true" || value === "false" ? null : "It must be true or false.";
  const number = Number(value);
  if (value === "" || !Number.isFinite(number)) return "It must be a number.";
  if (setting.kind === "whole" && !Number.isInteger(number)) return "It must be a whole number.";
  const { least, most } = setting;
  const fits = (least === null || number >= least) && (most === null || number <= most);
  return fits ? null : `It must be from ${(least ?? 0).toLocaleString()} to ${(most ?? 0).toLocaleString()}.`;
}

export interface Way {
  label: string;
  code: string;
}

/** The lines that give a setting a value: in the order in which people should think of them. */
export function waysTo(setting: SettingLike, text: string): Way[] {
  const value = text.trim();
  const plain = setting.kind === "text" ? JSON.stringify(value) : value;
  const word = /^[\w./:,@%+-]+$/.test(value) ? value : `'${value.replaceAll("'", "'\\''")}'`;
  return [
    { label: "In argus.toml, in the folder the server starts in", code: `[server]\n${setting.name} = ${plain}` },
    { label: "Or as a variable of its environment", code: `${setting.variable}=${word}` },
    { label: "Or as an option", code: `argus serve ${setting.flag} ${word}` },
  ];
}

/** Where a value was given, in words; a flag goes before a variable, and that before the file. */
export function sourceText(setting: SettingLike): string {
  if (setting.source === null) return "default";
  if (setting.source === setting.flag) return `option ${setting.flag}`;
  return setting.source.replace(/: server\.\w+$/, "");
}

/** Why a line in argus.toml would do nothing; null where it would be heard. */
export function outdoneBy(setting: SettingLike): string | null {
  if (setting.source === setting.flag) return `The option ${setting.flag} goes before everything else: change it there, or leave it out.`;
  if (setting.source?.startsWith(setting.variable) === true) return `The variable ${setting.source} goes before argus.toml: change it there, or leave it out.`;
  return null;
}
