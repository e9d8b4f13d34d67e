package io.faultline.dest;

import io.faultline.proto.DirectWrites;
import io.faultline.proto.FrameWriter;
import io.faultline.proto.LoopPoll;
import io.netty.channel.Channel;
import org.jspecify.annotations.Nullable;

/** Adds page requests to one buffer, and sends them with one write. Belongs to the control loop. */
final class RequestBatch implements FaultReader.PageRequests {
  private final LoopPoll poll;
  private @Nullable DirectWrites writes;
  private boolean asks;

  RequestBatch(LoopPoll poll) {
    this.poll = poll;
  }

  /** From here on requests go out. */
  void connect(Channel to) {
    writes = new DirectWrites(to);
  }

  /** From here on requests are dropped: whoever waits is woken later, and faults again. */
  void disconnect() {
    writes = null;
  }

  @Override
  public void add(int region, long page) {
    if (writes != null) {
      FrameWriter.request(writes.room(FrameWriter.HOT_HEADER_BYTES), region, page);
      asks = true;
    }
  }

  @Override
  public void flush() {
    if (writes != null && asks) {
      asks = false;
      writes.flush();
      poll.expect(); // the answer
    }
  }
}
