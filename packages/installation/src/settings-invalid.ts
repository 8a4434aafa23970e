/** What a process was told contradicts itself or a rule: refuse to start, exit code 3. The message names settings, never their values. */
export class SettingsInvalid extends Error {
  readonly code = "CONFIG_INVALID";
}
