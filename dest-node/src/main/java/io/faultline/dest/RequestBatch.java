package io.faultline.dest;

import io.faultline.proto.FrameWriter;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import org.jspecify.annotations.Nullable;

/** Adds page requests to one buffer, and sends them with one write. Belongs to the control loop. */
final class RequestBatch implements FaultReader.PageRequests {
  private static final int USUAL_BYTES = 1024;

  private final Channel channel;
  private @Nullable ByteBuf batch;

  RequestBatch(Channel channel) {
    this.channel = channel;
  }

  @Override
  public void add(int region, long page) {
    if (batch == null) {
      batch = channel.alloc().directBuffer(USUAL_BYTES);
    }
    FrameWriter.request(batch, region, page);
  }

  @Override
  public void flush() {
    if (batch != null) {
      channel.writeAndFlush(batch);
      batch = null;
    }
  }
}
