package io.faultline.source;

import io.faultline.proto.FrameReceiver;
import io.faultline.proto.WireException;
import io.faultline.proto.wire.Frame;
import io.netty.channel.EventLoop;
import java.io.IOException;
import java.util.concurrent.TimeUnit;

/**
 * Receives the events of a bulk connection. The destination sends nothing on it; the events are
 * changes of writability, and the loss of the connection. Confined to the bulk loop.
 */
final class BulkReceiver implements FrameReceiver {
  /**
   * A destination that gives up sends the reason on the control connection and then closes all
   * connections. Before the commit point, the loss of this one is reported only after this delay,
   * so that the reason arrives first.
   */
  private static final long REASON_MILLIS = 100;

  private final OutgoingDispatcher dispatcher;
  private final OutgoingSession session;
  private final EventLoop loop;
  private final String name;

  /**
   * @param loop the loop of the connection
   * @param channels the number of bulk connections
   */
  BulkReceiver(
      OutgoingDispatcher dispatcher, OutgoingSession session, EventLoop loop, int channels) {
    this.dispatcher = dispatcher;
    this.session = session;
    this.loop = loop;
    name = (channels == 1 ? "the" : "a") + " bulk connection";
  }

  @Override
  public void control(Frame frame) throws WireException {
    throw new WireException("a " + frame.getBodyCase() + " on " + name);
  }

  @Override
  public void writabilityChanged() {
    session.bulkWritable();
  }

  @Override
  public void closed(Throwable cause) {
    Runnable lost = () -> dispatcher.closed(session, name + " to the destination", cause);
    if (cause instanceof IOException && !dispatcher.state().isCommitted()) {
      loop.schedule(lost, REASON_MILLIS, TimeUnit.MILLISECONDS);
    } else {
      lost.run(); // after RUN each moment counts, and the connections are re-established anyway
    }
  }
}
