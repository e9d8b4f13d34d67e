package io.faultline.restore.frozen;

import io.faultline.proto.FrameReceiver;
import io.faultline.proto.FrameWriter;
import io.faultline.proto.WireException;
import io.netty.channel.Channel;
import org.jspecify.annotations.Nullable;

/**
 * Receives the requests of one connection, and has them answered. Confined to the connection's
 * loop.
 */
abstract class RequestReceiver implements FrameReceiver {
  final PageSourceNode node;
  final DestinationSession session;
  private final boolean bulk;
  private @Nullable Channel channel;
  private @Nullable PageServing serving;

  /**
   * @param bulk whether no thread waits for the pages
   */
  RequestReceiver(PageSourceNode node, DestinationSession session, boolean bulk) {
    this.node = node;
    this.session = session;
    this.bulk = bulk;
  }

  /** The hello was answered. */
  void start(Channel established) {
    channel = established;
  }

  @Override
  public final void request(int region, long firstPage, int count) throws WireException {
    PageServing to = serving;
    if (to == null && channel != null) {
      to = node.serving(session, channel, bulk);
      serving = to;
    }
    if (to == null) {
      throw new WireException("a request before the processes were announced");
    }
    to.request(region, firstPage, count);
  }

  @Override
  public final boolean pauses(Runnable resume) {
    return serving != null && serving.pauses(resume);
  }

  @Override
  public void readComplete() {
    if (serving != null) {
      serving.serve();
    }
  }

  @Override
  public void writabilityChanged() {
    if (serving != null) {
      serving.serve();
    }
  }

  @Override
  public final void closed(Throwable cause) {
    tell(cause);
    if (serving != null) {
      serving.close();
    }
    node.lost(session, cause);
  }

  /** Sends a peer that has broken the protocol the reason. */
  private void tell(Throwable cause) {
    Channel to = channel;
    if (to != null && to.isActive() && cause instanceof WireException) {
      String why = String.valueOf(cause.getMessage());
      to.writeAndFlush(FrameWriter.frame(to.alloc(), SourceFrames.failure(why, true)));
    }
  }
}
