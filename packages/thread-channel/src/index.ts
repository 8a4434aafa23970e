export type { FarEnd, NearEnd, WayIn } from "./channel-end.ts";
export { joinChannel } from "./join-channel.ts";
export { openChannel, type OpenChannel } from "./open-channel.ts";
