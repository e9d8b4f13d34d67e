package io.faultline.dest.received;

import io.faultline.memory.MemoryRegion;
import io.faultline.proto.FrameWriter;
import io.netty.channel.Channel;
import java.util.List;
import java.util.function.LongConsumer;

/**
 * Sends the report of received pages as fast as the connection accepts it. Confined to the
 * connection's loop.
 */
public final class ReportSender {
  private final ReportWriter writer;
  private final Channel channel;
  private final LongConsumer whenSent;
  private boolean pushing;
  private boolean sent;

  /**
   * @param whenSent called once, after the last frame was written, with the number of missing base
   *     pages
   */
  public ReportSender(
      List<MemoryRegion> regions, ReceivedPages pages, Channel channel, LongConsumer whenSent) {
    this.writer = new ReportWriter(regions, pages);
    this.channel = channel;
    this.whenSent = whenSent;
  }

  /** Sends more while the channel is writable. The channel may call this again from within. */
  public void push() {
    if (pushing || sent) {
      return;
    }
    pushing = true;
    while (!writer.isEnded() && channel.isWritable()) {
      channel.writeAndFlush(FrameWriter.frame(channel.alloc(), writer.next()));
    }
    pushing = false;
    if (writer.isEnded()) {
      sent = true;
      whenSent.accept(writer.missing());
    }
  }
}
