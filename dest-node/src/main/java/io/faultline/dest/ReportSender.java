package io.faultline.dest;

import io.faultline.proto.FrameWriter;
import io.netty.channel.Channel;
import java.util.function.LongConsumer;

/** Sends a report as fast as its connection takes it. Belongs to the connection's loop. */
final class ReportSender {
  private final ReportWriter writer;
  private final Channel channel;
  private final LongConsumer whenSent;
  private boolean pushing;
  private boolean sent;

  /**
   * @param whenSent called once behind the last frame, with how many base pages are missing
   */
  ReportSender(ReportWriter writer, Channel channel, LongConsumer whenSent) {
    this.writer = writer;
    this.channel = channel;
    this.whenSent = whenSent;
  }

  /** Sends more; a channel may call back from within. */
  void push() {
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
