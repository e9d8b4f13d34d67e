package io.faultline.restore.frozen;

import io.faultline.proto.FrameReceiver;
import io.faultline.proto.WireException;
import io.faultline.proto.wire.Frame;
import io.netty.channel.Channel;
import org.jspecify.annotations.Nullable;

/**
 * Receives the frames of the control connection: requests for which a thread waits, and what the
 * two sides agree on. Confined to the control loop.
 */
final class ControlReceiver implements FrameReceiver {
  private final PageSourceNode node;
  private final DestinationSession session;
  private @Nullable Channel channel;
  private @Nullable PageServing serving;

  ControlReceiver(PageSourceNode node, DestinationSession session) {
    this.node = node;
    this.session = session;
  }

  /** The hello was answered. */
  void start(Channel established) {
    channel = established;
    node.connected(session, established);
  }

  @Override
  public void control(Frame frame) throws WireException {
    node.received(session, frame);
  }

  @Override
  public void request(int region, long firstPage, int count) throws WireException {
    PageServing to = serving;
    if (to == null && channel != null) {
      to = node.serving(session, channel, false);
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
    node.heard(session);
    if (serving != null) {
      serving.serve();
    }
  }

  @Override
  public void writabilityChanged() {
    node.heard(session); // the destination takes what it asked for
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
