import { AssignerProtocol, type Assigner, type PartitionAssigner } from "kafkajs";
import { assignPartitions, type MemberReport } from "./assign-partitions.ts";
import { decodeMemberData, encodeMemberData } from "./member-data.ts";

/** Members share out by one and the same rule or not at all: another rule needs another name. */
const ASSIGNER_NAME = "tidemark-sticky";
/** Of Kafka's own format of both, not of what is in them. */
const PROTOCOL_VERSION = 0;

/**
 * Shares out the partitions of one topic by {@link assignPartitions}.
 * @param report asked for at each join
 */
export function groupAssigner(topic: string, report: () => Omit<MemberReport, "memberId">): PartitionAssigner {
  return ({ cluster }): Assigner => ({
    name: ASSIGNER_NAME,
    version: PROTOCOL_VERSION,
    protocol: () => ({
      name: ASSIGNER_NAME,
      metadata: AssignerProtocol.MemberMetadata.encode({
        version: PROTOCOL_VERSION,
        topics: [topic],
        userData: encodeMemberData(report()),
      }),
    }),
    assign({ members }) {
      const partitions = cluster.findTopicPartitionMetadata(topic).length;
      const reports = members.map(({ memberId, memberMetadata }) =>
        decodeMemberData(memberId, AssignerProtocol.MemberMetadata.decode(memberMetadata)?.userData ?? Buffer.of()),
      );
      const shares = [...assignPartitions(partitions, reports)].map(([memberId, own]) => ({
        memberId,
        memberAssignment: AssignerProtocol.MemberAssignment.encode({
          version: PROTOCOL_VERSION,
          assignment: { [topic]: [...own] },
          userData: Buffer.of(),
        }),
      }));
      return Promise.resolve(shares);
    },
  });
}
