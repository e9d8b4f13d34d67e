package io.faultline.restore.frozen;

import io.faultline.proto.SendQueueLimit;
import io.faultline.proto.WireException;
import io.faultline.proto.wire.Frame;
import io.netty.channel.Channel;

/** Receives the requests of one bulk connection. Confined to the bulk loop. */
final class BulkReceiver extends RequestReceiver {
  BulkReceiver(PageSourceNode node, DestinationSession session) {
    super(node, session, true);
  }

  @Override
  void start(Channel established) {
    super.start(established);
    SendQueueLimit.atSender(established, node::urgentRequests, session.bulkConnections());
  }

  @Override
  public void control(Frame frame) throws WireException {
    throw new WireException("a " + frame.getBodyCase() + " on a bulk connection");
  }
}
