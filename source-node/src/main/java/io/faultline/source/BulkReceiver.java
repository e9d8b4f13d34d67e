package io.faultline.source;

import io.faultline.proto.FrameReceiver;
import io.faultline.proto.Transport;
import io.faultline.proto.WireException;
import io.faultline.proto.wire.Frame;

/** What arrives on the bulk connection at the source: nothing but room to send. */
final class BulkReceiver implements FrameReceiver {
  private final MigrationSource source;

  BulkReceiver(MigrationSource source) {
    this.source = source;
  }

  @Override
  public void control(Frame frame) throws WireException {
    throw new WireException("a " + frame.getBodyCase() + " on the bulk connection");
  }

  @Override
  public void writabilityChanged() {
    source.bulkWritable();
  }

  @Override
  public void closed(Throwable cause) {
    source.failed(Transport.whyGone("the bulk connection to the destination", cause));
  }
}
