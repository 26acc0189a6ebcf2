import kafkajs, { type PartitionAssigner } from 'kafkajs';

const { MemberMetadata, MemberAssignment } = kafkajs.AssignerProtocol;

/**
 * Gives partition p of every topic to the same member, so that a stage with several inputs finds one sensor's records
 * together: member number p modulo the number of members, in the order of member ids.
 */
export const coPartitionAssigner: PartitionAssigner = ({ cluster }) => ({
  name: 'EarshotCoPartition',
  version: 1,
  assign: ({ members, topics }) => {
    const ids = members.map(({ memberId }) => memberId).sort();
    const assignments = ids.map((memberId, index) => ({
      memberId,
      memberAssignment: MemberAssignment.encode({
        version: 1,
        assignment: Object.fromEntries(
          topics.map((topic) => [
            topic,
            cluster
              .findTopicPartitionMetadata(topic)
              .map(({ partitionId }) => partitionId)
              .filter((partition) => partition % ids.length === index),
          ]),
        ),
        userData: Buffer.alloc(0),
      }),
    }));
    return Promise.resolve(assignments);
  },
  protocol: ({ topics }) => ({
    name: 'EarshotCoPartition',
    metadata: MemberMetadata.encode({ version: 1, topics, userData: Buffer.alloc(0) }),
  }),
});

/** For readers that are alone in their group: only these partitions of each topic. */
export const fixedAssigner =
  (partitions: readonly number[]): PartitionAssigner =>
  (config) => ({
    ...coPartitionAssigner(config),
    assign: ({ members, topics }) =>
      Promise.resolve(
        members.slice(0, 1).map(({ memberId }) => ({
          memberId,
          memberAssignment: MemberAssignment.encode({
            version: 1,
            assignment: Object.fromEntries(topics.map((topic) => [topic, [...partitions]])),
            userData: Buffer.alloc(0),
          }),
        })),
      ),
  });
