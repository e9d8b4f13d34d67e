package io.faultline.source;

/**
 * A snapshot of the progress of an outgoing migration.
 *
 * @param state the state of the migration
 * @param pagesSent base pages sent, with or without data
 * @param totalPages base pages of all regions
 * @param requests page requests received: about the number of faults at the destination
 * @param bytesSent bytes of page frames
 * @param outage why there is no connection, and when the next attempt is due, for the user; empty
 *     if there is a connection
 */
public record OutgoingProgress(
    OutgoingState state,
    long pagesSent,
    long totalPages,
    long requests,
    long bytesSent,
    String outage) {}
