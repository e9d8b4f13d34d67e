package io.faultline.source;

import io.faultline.proto.FrameReceiver;
import io.faultline.proto.WireException;
import io.faultline.proto.wire.Frame;

/** What arrives on the bulk connection at the source: nothing but room to send. */
final class BulkReceiver implements FrameReceiver {
  private final MigrationSource source;
  private final OutgoingSession session;

  BulkReceiver(MigrationSource source, OutgoingSession session) {
    this.source = source;
    this.session = session;
  }

  @Override
  public void control(Frame frame) throws WireException {
    throw new WireException("a " + frame.getBodyCase() + " on the bulk connection");
  }

  @Override
  public void writabilityChanged() {
    session.bulkWritable();
  }

  @Override
  public void closed(Throwable cause) {
    source.gone(session, "the bulk connection to the destination", cause);
  }
}
