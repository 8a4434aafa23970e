import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

/**
 * Where the Kafka Streams peer and its schemas lie: beside the repository, or where `TIDEMARK_PEERS` says. They are not part of it.
 */
const PEERS = process.env["TIDEMARK_PEERS"] ?? fileURLToPath(new URL("../../../../shared/peers", import.meta.url));

export const PEER_SOURCE = `${PEERS}/kafka-streams`;
export const PEER_SCHEMAS = `${PEERS}/schemas`;
export const peerIsHere = existsSync(`${PEER_SOURCE}/pom.xml`) && existsSync(PEER_SCHEMAS);
