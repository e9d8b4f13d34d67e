package io.faultline.restore.remote;

import io.faultline.proto.Hellos;
import io.faultline.proto.NodeEnvironment;
import io.faultline.proto.WireException;
import io.faultline.proto.wire.Frame;
import io.faultline.restore.origin.SourceReceiver;

/**
 * What this side and the page source tell each other beside pages: which processes there are, the
 * lease, and the agreement at the end. Confined to the session's loop.
 */
final class SourceDialogue {
  private final NodeEnvironment environment;
  private final OriginConnections connections;
  private final SourceLease lease;
  private final SourceUpdates updates;
  private final CompletionAgreement agreement = new CompletionAgreement();
  private final Owner owner;

  /** Is told what ends the session. */
  interface Owner {
    /** The page source needs nothing any more. */
    void goodbye();

    /** The page source has failed. */
    void sourceFailed(String why);
  }

  SourceDialogue(
      NodeEnvironment environment,
      OriginConnections connections,
      SourceLease lease,
      SourceUpdates updates,
      Owner owner) {
    this.environment = environment;
    this.connections = connections;
    this.lease = lease;
    this.updates = updates;
    this.owner = owner;
  }

  /** Continues an earlier session. */
  void inherit(EarlierSession earlier) {
    long now = environment.nanoTime();
    lease.inherited(earlier.leaseNanos(), now);
    if (earlier.isOwned()) {
      agreement.inherited(now);
    }
  }

  /** From now on this receiver is told what a program would need that takes over. */
  void start(SourceReceiver to) {
    updates.start(to, connections.identity(), environment.nanoTime());
  }

  /** All pages have arrived. */
  void finish() {
    agreement.begin();
    if (connections.isOpen()) {
      connections.send(agreement.frame());
    }
  }

  /** The restored processes are being ended: RUN is not accepted any more. */
  void withdraw() {
    agreement.withdraw();
  }

  /** Whether the page source keeps its processes frozen until this side says that it has failed. */
  boolean isAwaited() {
    return agreement.isUndecided() || (lease.isEndless() && !isOwned());
  }

  /** Whether all pages have arrived. */
  boolean isFinishing() {
    return agreement.hasBegun();
  }

  /** Whether this side owns the processes. */
  boolean isOwned() {
    return agreement.isOwned();
  }

  /** Whether the page source has not confirmed the end for too long. */
  boolean isOverdue(long nowNanos) {
    return agreement.isOverdue(nowNanos);
  }

  /** There are connections again. */
  void opened() {
    if (agreement.hasFrame()) {
      connections.send(agreement.frame());
    }
  }

  /** A frame on the control connection. */
  void received(OriginAttempt attempt, Frame frame) throws WireException {
    long now = environment.nanoTime();
    switch (frame.getBodyCase()) {
      case PROCESS_MEMORY -> {
        ProcessIndex index = ProcessIndex.of(frame.getProcessMemory());
        lease.announced(frame.getProcessMemory().getLeaseMillis(), now);
        updates.announced(now);
        connections.ping(now); // after an outage, the lease is to be confirmed again
        attempt.announced(index);
      }
      case PONG -> {
        lease.confirmed(frame.getPong().getSourceNanos());
        updates.confirmed(now);
      }
      case RUN -> {
        if (agreement.run(now)) {
          updates.owned(); // before the page source may end its processes
          connections.send(agreement.frame());
        }
      }
      case GOODBYE -> {
        agreement.goodbye();
        owner.goodbye();
      }
      case FAILURE -> owner.sourceFailed(Hellos.printable(frame.getFailure().getMessage()));
      default -> throw new WireException("a " + frame.getBodyCase() + " from a page source");
    }
  }
}
