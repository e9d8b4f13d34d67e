package io.faultline.restore.frozen;

import com.google.protobuf.ByteString;
import io.faultline.proto.Capability;
import io.faultline.proto.Hellos;
import io.faultline.proto.wire.Hello;
import io.netty.channel.Channel;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * One set of connections of the destination: a control connection and bulk connections.
 * Thread-safe.
 */
final class DestinationSession {
  private final Hello hello;
  private final CopyOnWriteArrayList<Channel> channels = new CopyOnWriteArrayList<>();
  private volatile boolean closed;

  /**
   * @param hello of the control connection
   */
  DestinationSession(Hello hello) {
    this.hello = hello;
  }

  ByteString id() {
    return hello.getMigrationId();
  }

  int attempt() {
    return hello.getAttempt();
  }

  int bulkConnections() {
    return hello.getChannels();
  }

  int silenceMillis() {
    return hello.getSilenceMillis();
  }

  /** Whether it says that it has got RUN, from a program that ran here before this one. */
  boolean isOwner() {
    return hello.getOwner();
  }

  /** The features that both sides have. */
  Set<Capability> agreed() {
    return Hellos.agreed(Hellos.capabilities(hello), Capability.ofThisMachine());
  }

  /** Adds a connection; closes it if the session is over. */
  void add(Channel channel) {
    channels.add(channel);
    if (closed) {
      channel.close();
    }
  }

  boolean isClosed() {
    return closed;
  }

  /** Closes all connections. */
  void close() {
    closed = true;
    channels.forEach(Channel::close);
  }
}
