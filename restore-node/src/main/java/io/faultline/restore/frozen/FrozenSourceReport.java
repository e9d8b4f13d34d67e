package io.faultline.restore.frozen;

/**
 * The progress of a {@link FrozenProcessSource}, and its result.
 *
 * @param phase what it does
 * @param outcome once it has ended; before that {@link SourceOutcome#LEFT}
 * @param message why it ended so; empty before
 * @param processes the number of frozen processes; 0 until they are frozen
 * @param requests requests from the destination
 * @param pages pages sent, zero pages included
 * @param zeroPages pages of zeros
 * @param absentPages requested, and not mapped
 * @param bytesSent bytes on the wire, before TLS
 * @param connections sets of connections so far
 */
public record FrozenSourceReport(
    SourcePhase phase,
    SourceOutcome outcome,
    String message,
    int processes,
    long requests,
    long pages,
    long zeroPages,
    long absentPages,
    long bytesSent,
    int connections) {}
