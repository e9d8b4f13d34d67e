package io.faultline.restore.frozen;

import io.faultline.proto.WireException;
import io.faultline.proto.wire.Frame;
import io.netty.channel.Channel;

/**
 * Receives the frames of the control connection: requests for which a thread waits, and what the
 * two sides agree on. Confined to the control loop.
 */
final class ControlReceiver extends RequestReceiver {
  ControlReceiver(PageSourceNode node, DestinationSession session) {
    super(node, session, false);
  }

  @Override
  void start(Channel established) {
    super.start(established);
    node.connected(session, established);
  }

  @Override
  public void control(Frame frame) throws WireException {
    node.received(session, frame);
  }

  @Override
  public void readComplete() {
    node.heard(session);
    super.readComplete();
  }

  @Override
  public void writabilityChanged() {
    node.heard(session); // the destination takes what it asked for
    super.writabilityChanged();
  }
}
