package io.faultline.dest;

import com.google.protobuf.ByteString;
import io.faultline.proto.FrameDecoder;
import io.faultline.proto.FrameReceiver;
import io.faultline.proto.Hellos;
import io.faultline.proto.WireException;
import io.faultline.proto.security.Security;
import io.faultline.proto.security.SharedKey;
import io.faultline.proto.wire.Hello;
import io.faultline.proto.wire.Role;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import java.util.BitSet;
import java.util.HexFormat;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Takes the connections of one migration in: those of the first attempt, and of each later one
 * where the migration can go on with them. Belongs to the accept loop.
 */
final class MigrationAcceptor implements HelloServer.Reception {
  private final MigrationDestination destination;
  private final Consumer<String> log;
  private final EventLoop controlLoop;
  private final EventLoop bulkLoop;
  private final Security security;
  private final RandomGenerator random;

  /** Read by any thread. */
  private volatile @Nullable IncomingSession session;

  /** The numbers of the bulk connections that have come for it. */
  private final BitSet bulkAccepted = new BitSet();

  private int pendingHandshakes;

  // Who the migration's source is, once it has come.
  private String owner = "";
  private @Nullable SharedKey sessionKey;

  /**
   * @param random for keys and proofs: strangers must not guess it
   * @param log gets a line for each connection that is turned away
   */
  MigrationAcceptor(
      MigrationDestination destination,
      EventLoop controlLoop,
      EventLoop bulkLoop,
      Security security,
      RandomGenerator random,
      Consumer<String> log) {
    this.destination = destination;
    this.log = log;
    this.controlLoop = controlLoop;
    this.bulkLoop = bulkLoop;
    this.security = security;
    this.random = random;
  }

  /** Who hears of strangers. */
  Consumer<String> log() {
    return log;
  }

  /** A connection is made; false where too many have not said hello yet. */
  boolean begin() {
    if (pendingHandshakes == HandshakeInitializer.MOST) {
      return false;
    }
    pendingHandshakes++;
    return true;
  }

  /** See {@link MigrationDestination#migrationId}. */
  String migrationId() {
    IncomingSession current = session;
    return current == null
        ? ""
        : HexFormat.of().formatHex(current.hello().getMigrationId().toByteArray());
  }

  @Override
  public void settled() {
    pendingHandshakes--;
  }

  @Override
  public @Nullable SharedKey keyFor(Hello hello) throws WireException {
    if (security.token().isPresent()) {
      return security.token().get();
    }
    if (hello.getToken()) {
      throw new WireException(
          "the source has a token, and this destination has none: start it with --token-file");
    }
    IncomingSession of = session;
    return of != null && hello.getMigrationId().equals(of.hello().getMigrationId())
        ? sessionKey
        : null;
  }

  @Override
  public ByteString nonce() {
    return SharedKey.nonce(random);
  }

  @Override
  public boolean hasToken() {
    return security.token().isPresent();
  }

  @Override
  public void accept(Channel channel, FrameDecoder decoder, Peer peer) throws WireException {
    Hello hello = peer.hello();
    if (hello.getRole() == Role.ROLE_CONTROL) {
      checkControl(peer);
      Peer known = session == null ? own(peer) : peer;
      IncomingSession next = new IncomingSession(hello);
      session = next;
      bulkAccepted.clear();
      move(channel, controlLoop, decoder, known, next);
    } else {
      IncomingSession of = checkBulk(peer);
      move(channel, bulkLoop, decoder, peer, of);
    }
  }

  /** The migration's first connection: it is this caller's. */
  private Peer own(Peer peer) {
    owner = peer.subject();
    sessionKey = security.needsSessionKey() ? SharedKey.random(random) : null;
    return peer.given(sessionKey);
  }

  private void checkControl(Peer peer) throws WireException {
    Hello hello = peer.hello();
    IncomingSession current = session;
    if (current == null) {
      // A source that comes again has committed: its VM is, or was, at another destination.
      if (hello.getAttempt() != Hellos.FIRST_ATTEMPT) {
        throw new WireException(
            "attempt " + hello.getAttempt() + " of a migration that this destination knows not of");
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
          "attempt " + hello.getAttempt() + " comes behind attempt " + before.getAttempt());
    }
    if (!Hellos.capabilities(hello).equals(Hellos.capabilities(before))) {
      throw new WireException("a later attempt that can do other things than the first");
    }
    if (!destination.state().isRecoverable()) {
      throw new WireException(
          "the migration cannot go on with new connections during " + destination.state());
    }
  }

  /** The certificate has to be the source's; who has none has proved to know a key. */
  private void checkOwner(Peer peer) throws WireException {
    if (!peer.subject().equals(owner)) {
      throw new WireException(
          "the migration belongs to "
              + Hellos.printable(owner)
              + ", and this certificate is that of "
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
          "a bulk connection of "
              + hello.getChannels()
              + ", where its control connection said "
              + of.channels());
    }
    if (bulkAccepted.get(hello.getChannel())) {
      throw new WireException("a second bulk connection with the number " + hello.getChannel());
    }
    if (!Hellos.capabilities(hello).equals(Hellos.capabilities(of.hello()))) {
      throw new WireException(
          "a bulk connection that can do other things than its control connection");
    }
    bulkAccepted.set(hello.getChannel());
    return of;
  }

  @Override
  public void turnedAway(Channel channel, Throwable why) {
    log.accept("turned away " + channel.remoteAddress() + ": " + why.getMessage());
  }

  /** Moves a connection to the loop of its role; there it is made known and answered. */
  private void move(
      Channel channel, EventLoop loop, FrameDecoder decoder, Peer peer, IncomingSession of) {
    Hello hello = peer.hello();
    boolean isControl = hello.getRole() == Role.ROLE_CONTROL;
    FrameReceiver receiver =
        isControl
            ? new ControlReceiver(destination, of)
            : new BulkReceiver(destination, of, hello.getChannel());
    decoder.handOver(new LoopTransferHandler(receiver));
    channel
        .deregister()
        .addListener(
            left ->
                loop.register(channel)
                    .addListener(
                        arrived -> {
                          if (arrived.isSuccess()) {
                            decoder.handOver(receiver);
                            destination.arrived(channel, peer, of);
                          } else {
                            destination.gone(of, isControl, arrived.cause());
                          }
                        }));
  }
}
