/**
 * Pages from a page source of Faultline's, beside the frozen processes.
 *
 * <p>Everything is confined to the session's loop, which also owns the userfaultfds: a fault is
 * read, requested, answered and resolved on one thread.
 *
 * <ul>
 *   <li>{@link io.faultline.restore.remote.FaultlineOrigin}: the origin, from the start to the
 *       agreement that all pages have arrived, with {@link
 *       io.faultline.restore.remote.FaultlineOriginSettings}; {@link
 *       io.faultline.restore.remote.EarlierSession} is what a program needs that takes over, such
 *       as the {@link io.faultline.restore.remote.SessionIdentity}, {@code SourceUpdates} tells it.
 *   <li>{@code OriginSession}: from the first connection to the end. {@code SourceDialogue}: what
 *       both sides agree on.
 *   <li>{@code OriginConnections}: heartbeats, losses, new attempts. {@code OriginAttempt}: one set
 *       of connections, each an {@code OriginLink}; reports to an {@code AttemptListener}. {@code
 *       OutageWatch}: how long to wait for them.
 *   <li>{@code RequestList}: requests that are not answered, or wait for connections; {@code
 *       DeferredFlush} sends several with one write.
 *   <li>{@code RunAssembler}: checks, verifies and decompresses what arrives, for an {@code
 *       AnswerReceiver}; {@code ProcessIndex}: the processes' numbers on the wire.
 *   <li>{@code CompletionAgreement}: READY, RUN, COMPLETED, GOODBYE; {@code FailureDelivery}: how
 *       long to tell the page source that the restore has failed. {@code SourceLease}: until when
 *       the page source surely keeps the processes frozen.
 * </ul>
 */
@NullMarked
package io.faultline.restore.remote;

import org.jspecify.annotations.NullMarked;
