package io.faultline.dest;

import io.faultline.dest.takeover.MigrationIdentity;
import io.faultline.proto.Hellos;
import io.faultline.proto.WireException;
import io.faultline.proto.accept.Admission;
import io.faultline.proto.accept.ConnectionPolicy;
import io.faultline.proto.accept.Peer;
import io.faultline.proto.security.Security;
import io.faultline.proto.security.SharedKey;
import io.faultline.proto.wire.Hello;
import io.faultline.proto.wire.Role;
import java.util.BitSet;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Decides which connections belong to the one migration of this destination: those of the first
 * attempt, and those of each later attempt while the migration can continue with them. Confined to
 * the accept loop.
 */
final class MigrationAcceptor implements ConnectionPolicy {
  private final IncomingController controller;
  private final DestinationLoops loops;
  private final Security security;
  private final RandomGenerator random;

  /** Read by any thread. */
  private volatile @Nullable IncomingSession session;

  /** The numbers of the session's bulk connections that were accepted. */
  private final BitSet bulkAccepted = new BitSet();

  // The migration's source, once it has connected.
  private String owner = "";
  private @Nullable SharedKey sessionKey;

  /**
   * @param random for session keys, which nobody must be able to guess
   */
  MigrationAcceptor(
      IncomingController controller,
      DestinationLoops loops,
      Security security,
      RandomGenerator random) {
    this.controller = controller;
    this.loops = loops;
    this.security = security;
    this.random = random;
  }

  /** See {@link MigrationDestination#migrationId}. */
  String migrationId() {
    IncomingSession current = session;
    return current == null ? "" : current.migrationId();
  }

  /**
   * Before the first connection: the migration has begun in another process.
   *
   * @param before its session, which has ended
   */
  void takeOver(MigrationIdentity of, IncomingSession before) {
    owner = of.owner();
    sessionKey = of.sessionKey().isEmpty() ? null : SharedKey.ofWire(of.sessionKey());
    session = before;
  }

  @Override
  public @Nullable SharedKey sessionKey(Hello hello) {
    IncomingSession of = session;
    return of != null && hello.getMigrationId().equals(of.hello().getMigrationId())
        ? sessionKey
        : null;
  }

  @Override
  public Admission admit(Peer peer) throws WireException {
    return peer.hello().getRole() == Role.ROLE_CONTROL ? admitControl(peer) : admitBulk(peer);
  }

  private Admission admitControl(Peer peer) throws WireException {
    checkControl(peer);
    Peer known = session == null ? own(peer) : peer;
    IncomingSession next = new IncomingSession(peer.hello());
    session = next;
    bulkAccepted.clear();
    return new Admission(
        loops.control(),
        new ControlReceiver(controller, next),
        channel -> controller.connected(channel, known, next),
        cause -> controller.connectionLost(next, true, cause));
  }

  private Admission admitBulk(Peer peer) throws WireException {
    IncomingSession of = checkBulk(peer);
    return new Admission(
        loops.bulk(),
        new BulkReceiver(controller, of, peer.hello().getChannel()),
        channel -> controller.connected(channel, peer, of),
        cause -> controller.connectionLost(of, false, cause));
  }

  /** The migration's first connection: this peer owns it from now on. */
  private Peer own(Peer peer) {
    owner = peer.subject();
    sessionKey = security.needsSessionKey() ? SharedKey.random(random) : null;
    return peer.withSessionKey(sessionKey);
  }

  private void checkControl(Peer peer) throws WireException {
    Hello hello = peer.hello();
    IncomingSession current = session;
    if (current == null) {
      // A source that reconnects has committed: its VM is, or was, at another destination.
      if (hello.getAttempt() != Hellos.FIRST_ATTEMPT) {
        throw new WireException(
            "attempt "
                + hello.getAttempt()
                + " of a migration that this destination does not know");
      }
      return;
    }
    Hello before = current.hello();
    if (!hello.getMigrationId().equals(before.getMigrationId())) {
      throw new WireException("this destination is busy with another migration");
    }
    checkOwner(peer);
    if (hello.getAttempt() <= before.getAttempt()) {
      throw new WireException(
          "attempt " + hello.getAttempt() + " is not later than attempt " + before.getAttempt());
    }
    if (!Hellos.capabilities(hello).equals(Hellos.capabilities(before))) {
      throw new WireException("a later attempt with other capabilities than the first");
    }
    if (!controller.state().isRecoverable()) {
      throw new WireException(
          "the migration cannot continue with new connections during " + controller.state());
    }
  }

  private void checkOwner(Peer peer) throws WireException {
    if (!peer.subject().equals(owner)) {
      throw new WireException(
          "the migration belongs to "
              + Hellos.printable(owner)
              + ", but the certificate is for "
              + Hellos.printable(peer.subject()));
    }
  }

  private IncomingSession checkBulk(Peer peer) throws WireException {
    Hello hello = peer.hello();
    IncomingSession of = session;
    if (of == null
        || !hello.getMigrationId().equals(of.hello().getMigrationId())
        || hello.getAttempt() != of.hello().getAttempt()) {
      throw new WireException("a bulk connection for a migration that is not under way");
    }
    checkOwner(peer);
    if (hello.getChannels() != of.channels()) {
      throw new WireException(
          "a bulk connection that announces "
              + hello.getChannels()
              + " channels; its control connection announced "
              + of.channels());
    }
    if (bulkAccepted.get(hello.getChannel())) {
      throw new WireException("a second bulk connection with the number " + hello.getChannel());
    }
    if (!Hellos.capabilities(hello).equals(Hellos.capabilities(of.hello()))) {
      throw new WireException(
          "a bulk connection with other capabilities than its control connection");
    }
    bulkAccepted.set(hello.getChannel());
    return of;
  }
}
