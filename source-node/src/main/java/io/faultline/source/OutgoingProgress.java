package io.faultline.source;

/**
 * A snapshot of the progress of an outgoing migration.
 *
 * @param state the state of the migration
 * @param pagesSent base pages sent, with or without data
 * @param totalPages base pages of all regions
 * @param basePageBytes the unit of the page counts, in bytes
 * @param remainingPages base pages still to be sent: of the current precopy round, or after the
 *     commit point of the VM's memory
 * @param requests page requests received: about the number of faults at the destination
 * @param bytesSent bytes of page frames
 * @param bytesPerSecond bytes of page frames sent per second, over about the last second
 * @param bandwidthBytesPerSecond the limit of all bulk connections together; {@link
 *     SourceSettings#UNLIMITED} for none
 * @param bulkPaused whether the user has paused the bulk connections
 * @param dirtyBytesPerSecond how fast the VM dirtied memory in the last precopy round; -1 if no
 *     round has ended
 * @param bulkConnections how many bulk connections are established
 * @param outage why there is no connection, and when the next attempt is due, for the user; empty
 *     if there is a connection
 * @param report what would be reported if the migration ended now; at most a tenth of a second old,
 *     and final once the state is
 */
public record OutgoingProgress(
    OutgoingState state,
    long pagesSent,
    long totalPages,
    long basePageBytes,
    long remainingPages,
    long requests,
    long bytesSent,
    long bytesPerSecond,
    long bandwidthBytesPerSecond,
    boolean bulkPaused,
    long dirtyBytesPerSecond,
    int bulkConnections,
    String outage,
    OutgoingReport report) {}
