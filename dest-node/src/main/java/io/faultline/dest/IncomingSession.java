package io.faultline.dest;

import io.faultline.proto.Capability;
import io.faultline.proto.DirectReads;
import io.faultline.proto.FrameWriter;
import io.faultline.proto.Hellos;
import io.faultline.proto.Transport;
import io.faultline.proto.WireException;
import io.faultline.proto.wire.Frame;
import io.faultline.proto.wire.Hello;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The connections of one attempt. What arrives on those of an earlier attempt is refused, so that
 * nothing of it is placed behind its end. Belongs to the control loop, but for what says otherwise.
 */
final class IncomingSession {
  private final Hello hello;
  private @Nullable Channel control;
  private final List<Channel> bulk = new ArrayList<>();
  private @Nullable ReportSender report;
  private volatile @Nullable BulkChannelsReceiver receiver;
  private volatile boolean closed;
  private volatile boolean condemned;

  /**
   * @param hello that of the control connection
   */
  IncomingSession(Hello hello) {
    this.hello = hello;
  }

  /** What the source said first. Any thread. */
  Hello hello() {
    return hello;
  }

  /** How many bulk connections there are, or will be. Any thread. */
  int channels() {
    return hello.getChannels();
  }

  /** What both ends can do. Any thread. */
  Set<Capability> agreed() {
    return Hellos.agreed(Hellos.capabilities(hello), Capability.ofThisMachine());
  }

  /** Any thread: whether nothing of it counts any more. */
  boolean isClosed() {
    return closed;
  }

  /**
   * Any thread: a connection has ended. Where that is for what the peer said on it, what the peer
   * makes of that does not count, even if it comes first: the reason is known here.
   *
   * @return why, for a person
   */
  String ended(boolean isControl, Throwable cause) {
    if (cause instanceof WireException) {
      condemned = true;
    }
    String bulkName = (channels() == 1 ? "the" : "a") + " bulk connection to the source";
    return Transport.closeReason(isControl ? "the connection to the source" : bulkName, cause);
  }

  /** Any thread: whether nothing that the peer says counts any more. */
  boolean isCondemned() {
    return condemned;
  }

  /** Control loop: from here on it is this session's. */
  void controlArrived(Channel channel) {
    control = channel;
    DirectReads.start(channel);
  }

  void bulkArrived(Channel channel) {
    bulk.add(channel);
  }

  /** The control connection, which is there. */
  Channel controlChannel() {
    return Objects.requireNonNull(control, "no connection");
  }

  void send(Frame frame) {
    if (control != null && !closed) {
      control.writeAndFlush(FrameWriter.frame(control.alloc(), frame));
    }
  }

  /** Sends a report, as the connection takes it. */
  void send(ReportSender sender) {
    report = sender;
    sender.push();
  }

  /** More can be sent, or not. */
  void writabilityChanged() {
    if (report != null && !closed) {
      report.push();
    }
  }

  /** What the bulk connections bring from here on. */
  void take(@Nullable BulkChannelsReceiver bulkIntake) {
    receiver = bulkIntake;
  }

  /** Bulk loop: what the bulk connections bring. */
  BulkChannelsReceiver receiver() throws WireException {
    BulkChannelsReceiver current = receiver;
    if (current == null || closed) {
      throw new WireException("pages on a connection that nothing is due on");
    }
    return current;
  }

  /** Bulk loop: where page data that arrives on one of them belongs; 0 for anywhere. */
  long payloadPlace(int channel) {
    BulkChannelsReceiver current = receiver;
    return current == null || closed ? 0 : current.stream(channel).place();
  }

  /** Closes all connections, whatever is still on its way. */
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

  /** The end: the control connection goes once what was sent is out. */
  void closeWhenSent() {
    bulk.forEach(Channel::close);
    if (control != null) {
      control.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
    }
  }
}
