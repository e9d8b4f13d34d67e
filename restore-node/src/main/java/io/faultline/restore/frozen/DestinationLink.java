package io.faultline.restore.frozen;

import io.faultline.proto.FrameWriter;
import io.faultline.proto.Heartbeats;
import io.faultline.proto.wire.Frame;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import org.jspecify.annotations.Nullable;

/**
 * The destination's set of connections at present, if there is one. Reads no clock. Confined to the
 * control loop.
 */
final class DestinationLink {
  private @Nullable DestinationSession session;
  private @Nullable Channel control;
  private @Nullable Heartbeats heartbeats;

  /**
   * The destination has connected, in place of the set so far.
   *
   * @param channel the control connection
   */
  void open(DestinationSession next, Channel channel, Heartbeats beats) {
    if (session != null) {
      session.close();
    }
    session = next;
    control = channel;
    heartbeats = beats;
  }

  boolean isCurrent(DestinationSession of) {
    return of == session;
  }

  /** Bytes have arrived on the control connection. */
  void heard(long nowNanos) {
    if (heartbeats != null) {
      heartbeats.received(nowNanos);
    }
  }

  boolean isSilent(long nowNanos) {
    return session != null && heartbeats != null && heartbeats.isSilent(nowNanos);
  }

  /** Sends a frame, if there is a connection; returns whether there is. */
  boolean send(Frame frame) {
    Channel to = control;
    if (to == null) {
      return false;
    }
    to.writeAndFlush(FrameWriter.frame(to.alloc(), frame));
    return true;
  }

  /** Closes all connections; returns whether there were any. */
  boolean close() {
    DestinationSession last = forget();
    if (last == null) {
      return false;
    }
    last.close();
    return true;
  }

  /** Closes all connections, once a last frame was sent. */
  void close(Frame lastFrame) {
    Channel to = control;
    DestinationSession last = forget();
    if (to != null && last != null) {
      to.writeAndFlush(FrameWriter.frame(to.alloc(), lastFrame))
          .addListener(ChannelFutureListener.CLOSE)
          .addListener(sent -> last.close());
    }
  }

  private @Nullable DestinationSession forget() {
    DestinationSession last = session;
    session = null;
    control = null;
    heartbeats = null;
    return last;
  }
}
