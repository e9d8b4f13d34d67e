package io.faultline.dest;

import io.faultline.proto.DirectWrites;
import io.faultline.proto.FrameWriter;
import io.faultline.proto.LoopPoll;
import io.netty.channel.Channel;
import org.jspecify.annotations.Nullable;

/**
 * Collects page requests in one buffer and sends them with one write. Confined to the control loop.
 */
final class RequestBatch implements FaultReader.PageRequests {
  private final LoopPoll poll;
  private @Nullable DirectWrites writes;
  private boolean hasRequests;

  RequestBatch(LoopPoll poll) {
    this.poll = poll;
  }

  /** From now on requests are sent on this connection. */
  void connect(Channel to) {
    writes = new DirectWrites(to);
  }

  /** From now on requests are dropped: waiting vCPUs are woken later, and fault again. */
  void disconnect() {
    writes = null;
  }

  @Override
  public void add(int region, long page) {
    if (writes != null) {
      FrameWriter.request(writes.room(FrameWriter.HOT_HEADER_BYTES), region, page);
      hasRequests = true;
    }
  }

  @Override
  public void flush() {
    if (writes != null && hasRequests) {
      hasRequests = false;
      writes.flush();
      poll.expect(); // the answer
    }
  }
}
