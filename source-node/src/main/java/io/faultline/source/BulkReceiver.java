package io.faultline.source;

import io.faultline.proto.FrameReceiver;
import io.faultline.proto.WireException;
import io.faultline.proto.wire.Frame;

/** What arrives on a bulk connection at the source: nothing but room to send. */
final class BulkReceiver implements FrameReceiver {
  private final MigrationSource source;
  private final OutgoingSession session;
  private final String name;

  /**
   * @param channels how many there are
   */
  BulkReceiver(MigrationSource source, OutgoingSession session, int channels) {
    this.source = source;
    this.session = session;
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
    source.gone(session, name + " to the destination", cause);
  }
}
