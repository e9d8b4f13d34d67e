package io.faultline.restore.frozen;

import com.google.protobuf.ByteString;
import io.faultline.proto.PeerTimeouts;
import io.faultline.proto.WireException;
import io.faultline.proto.accept.Admission;
import io.faultline.proto.accept.ConnectionPolicy;
import io.faultline.proto.accept.Peer;
import io.faultline.proto.security.SharedKey;
import io.faultline.proto.wire.Hello;
import io.faultline.proto.wire.Role;
import io.netty.channel.Channel;
import java.util.BitSet;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Decides which connections belong to the one destination: the first that connects, and the same
 * one again after a loss. Confined to the accept loop.
 */
final class DestinationAcceptor implements ConnectionPolicy {
  private final PageSourceNode node;
  private final boolean needsSessionKey;
  private final PeerTimeouts timeouts;
  private final RandomGenerator random;
  private final BitSet bulkAccepted = new BitSet();
  private @Nullable DestinationSession session;
  private String owner = "";
  private @Nullable SharedKey sessionKey;

  /**
   * @param needsSessionKey whether there is neither TLS nor a token
   * @param random for session keys, which must not be guessed
   */
  DestinationAcceptor(
      PageSourceNode node, boolean needsSessionKey, PeerTimeouts timeouts, RandomGenerator random) {
    this.node = node;
    this.needsSessionKey = needsSessionKey;
    this.timeouts = timeouts;
    this.random = random;
  }

  @Override
  public @Nullable SharedKey sessionKey(Hello hello) {
    return isOf(hello.getMigrationId()) ? sessionKey : null;
  }

  @Override
  public Admission admit(Peer peer) throws WireException {
    return peer.hello().getRole() == Role.ROLE_MEMORY ? admitControl(peer) : admitBulk(peer);
  }

  private Admission admitControl(Peer peer) throws WireException {
    DestinationSession before = session;
    Hello hello = peer.hello();
    Peer known = peer;
    if (before == null || (before.isClosed() && !node.isClaimed())) {
      owner = peer.subject();
      sessionKey = needsSessionKey ? SharedKey.random(random) : null;
      known = peer.withSessionKey(sessionKey);
    } else {
      if (!isOf(hello.getMigrationId())) {
        throw new WireException("this page source is busy with another destination");
      }
      checkOwner(peer);
      if (hello.getAttempt() <= before.attempt()) {
        throw new WireException(
            "attempt " + hello.getAttempt() + " is not later than attempt " + before.attempt());
      }
    }
    DestinationSession next = new DestinationSession(hello);
    session = next;
    bulkAccepted.clear();
    ControlReceiver receiver = new ControlReceiver(node, next);
    Peer answered = known;
    return new Admission(
        node.controlLoop(),
        receiver,
        channel -> {
          next.add(channel);
          answered.answer(channel, timeouts);
          receiver.start(channel);
        },
        cause -> node.lost(next, cause));
  }

  private Admission admitBulk(Peer peer) throws WireException {
    Hello hello = peer.hello();
    DestinationSession of = session;
    if (of == null || !isOf(hello.getMigrationId()) || hello.getAttempt() != of.attempt()) {
      throw new WireException("a bulk connection without a control connection");
    }
    checkOwner(peer);
    int number = hello.getChannel();
    if (hello.getChannels() != of.bulkConnections() || bulkAccepted.get(number)) {
      throw new WireException(
          "bulk connection number " + number + " of " + hello.getChannels() + ": not expected");
    }
    bulkAccepted.set(number);
    BulkReceiver receiver = new BulkReceiver(node, of);
    return new Admission(
        node.bulkLoop(),
        receiver,
        channel -> arrived(channel, of, peer, receiver),
        cause -> node.lost(of, cause));
  }

  private void arrived(Channel channel, DestinationSession of, Peer peer, BulkReceiver receiver) {
    of.add(channel);
    peer.answer(channel, timeouts);
    receiver.start(channel);
  }

  private boolean isOf(ByteString id) {
    return session != null && session.id().equals(id);
  }

  private void checkOwner(Peer peer) throws WireException {
    if (!peer.subject().equals(owner)) {
      throw new WireException("another certificate than that of the first connection");
    }
  }
}
