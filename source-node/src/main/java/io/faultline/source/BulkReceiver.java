package io.faultline.source;

import io.faultline.proto.FrameReceiver;
import io.faultline.proto.WireException;
import io.faultline.proto.wire.Frame;
import io.netty.channel.EventLoop;
import java.io.IOException;
import java.util.concurrent.TimeUnit;

/** What arrives on a bulk connection at the source: nothing but room to send. */
final class BulkReceiver implements FrameReceiver {
  /**
   * A destination that gives up says why on the control connection and closes all: for so long the
   * end of this one does not count before it is known whether that is what it is.
   */
  private static final long LAST_WORD_MILLIS = 100;

  private final MigrationSource source;
  private final OutgoingSession session;
  private final EventLoop loop;
  private final String name;

  /**
   * @param loop of the connection
   * @param channels how many there are
   */
  BulkReceiver(MigrationSource source, OutgoingSession session, EventLoop loop, int channels) {
    this.source = source;
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
    Runnable gone = () -> source.gone(session, name + " to the destination", cause);
    if (cause instanceof IOException && !source.progress().state().isCommitted()) {
      loop.schedule(gone, LAST_WORD_MILLIS, TimeUnit.MILLISECONDS);
    } else {
      gone.run(); // behind RUN each moment counts, and the connections are made again anyway
    }
  }
}
