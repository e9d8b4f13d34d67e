package io.faultline.dest;

import com.google.protobuf.ByteString;
import io.faultline.dest.received.ReportSender;
import io.faultline.dest.takeover.MigrationIdentity;
import io.faultline.proto.Capability;
import io.faultline.proto.DirectReads;
import io.faultline.proto.FrameWriter;
import io.faultline.proto.Hellos;
import io.faultline.proto.SocketAddresses;
import io.faultline.proto.Transport;
import io.faultline.proto.WireException;
import io.faultline.proto.accept.Peer;
import io.faultline.proto.security.SharedKey;
import io.faultline.proto.wire.Frame;
import io.faultline.proto.wire.Hello;
import io.faultline.uffd.SystemCallException;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The connections of one attempt. A closed session refuses everything that still arrives on its
 * connections, so that nothing of an earlier attempt is placed later. Confined to the control loop,
 * except for methods that say otherwise.
 */
final class IncomingSession {
  private final Hello hello;
  private @Nullable Channel control;
  private String source = "the source";
  private @Nullable Peer owner;
  private final List<Channel> bulk = new ArrayList<>();
  private @Nullable ReportSender report;
  private volatile @Nullable BulkChannelsReceiver receiver;
  private volatile boolean closed;
  private volatile boolean peerMisbehaved;

  /**
   * @param hello of the control connection
   */
  IncomingSession(Hello hello) {
    this.hello = hello;
  }

  /** Any thread: the hello of the control connection. */
  Hello hello() {
    return hello;
  }

  /** Any thread: the id of the migration, 32 hexadecimal digits. */
  String migrationId() {
    return HexFormat.of().formatHex(hello.getMigrationId().toByteArray());
  }

  /** The migration's source, of its first session. */
  void owner(Peer peer) {
    owner = peer;
  }

  /**
   * What another process needs to be the same destination for the source; of the first session.
   *
   * @param description of the VM
   */
  MigrationIdentity identity(ByteString description) {
    Peer source = Objects.requireNonNull(owner, "not the first session");
    SharedKey key = source.sessionKey();
    return new MigrationIdentity(
        hello.toByteString(),
        source.subject(),
        key == null ? ByteString.EMPTY : key.wireBytes(),
        description);
  }

  /** Any thread: how many bulk connections the session has once it is complete. */
  int channels() {
    return hello.getChannels();
  }

  /** Any thread: the capabilities of both sides. */
  Set<Capability> agreed() {
    return Hellos.agreed(Hellos.capabilities(hello), Capability.ofThisMachine());
  }

  /** Any thread: whether its connections are no longer used. */
  boolean isClosed() {
    return closed;
  }

  /**
   * Any thread: a connection has ended. If the peer sent invalid data on it, later control frames
   * of the peer are ignored: its reaction to the closed connection must not hide the real reason.
   *
   * @return the reason, human-readable
   */
  String ended(boolean isControl, Throwable cause) {
    if (cause instanceof WireException) {
      peerMisbehaved = true;
    }
    String bulkName = (channels() == 1 ? "the" : "a") + " bulk connection to the source";
    if (cause instanceof SystemCallException) { // of placing a page
      return "the kernel refused: " + cause.getMessage();
    }
    return Transport.closeReason(isControl ? "the connection to the source" : bulkName, cause);
  }

  /** Any thread: whether the peer sent invalid data; its control frames are then ignored. */
  boolean hasPeerMisbehaved() {
    return peerMisbehaved;
  }

  void controlConnected(Channel channel) {
    control = channel;
    source =
        channel.remoteAddress() instanceof InetSocketAddress address
            ? "the source " + SocketAddresses.format(address)
            : "the source";
    DirectReads.start(channel);
  }

  /** The role and address of the peer, for messages. */
  String source() {
    return source;
  }

  void bulkConnected(Channel channel) {
    bulk.add(channel);
  }

  /** How many connections are established. */
  int connections() {
    return closed ? 0 : (control == null ? 0 : 1) + bulk.size();
  }

  /** The control connection, which must exist. */
  Channel controlChannel() {
    return Objects.requireNonNull(control, "no connection");
  }

  void send(Frame frame) {
    if (control != null && !closed) {
      control.writeAndFlush(FrameWriter.frame(control.alloc(), frame));
    }
  }

  /** Sends a report, as fast as the connection accepts it. */
  void send(ReportSender sender) {
    report = sender;
    sender.push();
  }

  /** The control connection became writable, or stopped being writable. */
  void writabilityChanged() {
    if (report != null && !closed) {
      report.push();
    }
  }

  /** Sets the receiver of the bulk connections; null if nothing is expected on them. */
  void setReceiver(@Nullable BulkChannelsReceiver next) {
    receiver = next;
  }

  /** Bulk loop: the receiver of the bulk connections. */
  BulkChannelsReceiver receiver() throws WireException {
    BulkChannelsReceiver current = receiver;
    if (current == null || closed) {
      throw new WireException("pages on a connection that expects none");
    }
    return current;
  }

  /** Bulk loop: the address to which page data of a connection is best read; 0 for anywhere. */
  long payloadPlace(int channel) {
    BulkChannelsReceiver current = receiver;
    return current == null || closed ? 0 : current.stream(channel).payloadAddress();
  }

  /** Bulk loop: the address cannot be written. */
  void placeRefused(int channel) {
    BulkChannelsReceiver current = receiver;
    if (current != null && !closed) {
      current.stream(channel).addressRefused();
    }
  }

  /** Bulk loop: whether a connection must pause, until {@code resume} is run. */
  boolean pauses(int channel, Runnable resume) {
    BulkChannelsReceiver current = receiver;
    return current != null && !closed && current.stream(channel).pauses(resume);
  }

  /** Closes all connections immediately. */
  void close() {
    closed = true;
    BulkChannelsReceiver current = receiver;
    if (current != null) {
      current.stop();
    }
    if (control != null) {
      control.close();
    }
    bulk.forEach(Channel::close);
  }

  /** Closes the bulk connections, and the control connection once everything queued was sent. */
  void closeWhenSent() {
    bulk.forEach(Channel::close);
    if (control != null) {
      control.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
    }
  }
}
