package io.faultline.restore.frozen;

import io.faultline.proto.FrameReceiver;
import io.faultline.proto.SendQueueLimit;
import io.faultline.proto.WireException;
import io.faultline.proto.wire.Frame;
import io.netty.channel.Channel;
import org.jspecify.annotations.Nullable;

/** Receives the requests of one bulk connection. Confined to the bulk loop. */
final class BulkReceiver implements FrameReceiver {
  private final PageSourceNode node;
  private final DestinationSession session;
  private @Nullable Channel channel;
  private @Nullable PageServing serving;

  BulkReceiver(PageSourceNode node, DestinationSession session) {
    this.node = node;
    this.session = session;
  }

  /** The hello was answered. */
  void start(Channel established) {
    channel = established;
    SendQueueLimit.atSender(established, node::urgentRequests, session.bulkConnections());
  }

  @Override
  public void control(Frame frame) throws WireException {
    throw new WireException("a " + frame.getBodyCase() + " on a bulk connection");
  }

  @Override
  public void request(int region, long firstPage, int count) throws WireException {
    PageServing to = serving;
    if (to == null && channel != null) {
      to = node.serving(session, channel, true);
      serving = to;
    }
    if (to == null) {
      throw new WireException("a request before the processes were announced");
    }
    to.request(region, firstPage, count);
  }

  @Override
  public boolean pauses(Runnable resume) {
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
  public void closed(Throwable cause) {
    PageSourceNode.tell(channel, cause);
    if (serving != null) {
      serving.close();
    }
    node.lost(session, cause);
  }
}
