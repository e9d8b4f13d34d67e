package io.faultline.dest;

import io.faultline.proto.FrameWriter;
import io.faultline.proto.LoopPoll;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelPromise;
import io.netty.channel.VoidChannelPromise;
import org.jspecify.annotations.Nullable;

/** Adds page requests to one buffer, and sends them with one write. Belongs to the control loop. */
final class RequestBatch implements FaultReader.PageRequests {
  private static final int USUAL_BYTES = 1024;

  private final LoopPoll poll;
  private @Nullable Channel channel;

  /** A write that fails closes the channel, which is heard of elsewhere. */
  private @Nullable ChannelPromise nobodyAsks;

  private @Nullable ByteBuf batch;

  RequestBatch(LoopPoll poll) {
    this.poll = poll;
  }

  /** From here on requests go out. */
  void connect(Channel to) {
    channel = to;
    nobodyAsks = new VoidChannelPromise(to, false);
  }

  /** From here on requests are dropped: whoever waits is woken later, and faults again. */
  void disconnect() {
    channel = null;
  }

  @Override
  public void add(int region, long page) {
    if (channel == null) {
      return;
    }
    if (batch == null) {
      batch = channel.alloc().directBuffer(USUAL_BYTES);
    }
    FrameWriter.request(batch, region, page);
  }

  @Override
  public void flush() {
    if (batch != null && channel != null && nobodyAsks != null) {
      channel.writeAndFlush(batch, nobodyAsks);
      batch = null;
      poll.expect(); // the answer
    }
  }
}
