package io.faultline.dest;

import io.faultline.proto.FrameReceiver;
import io.faultline.proto.Transport;
import io.faultline.proto.WireException;
import io.faultline.proto.wire.Encoding;
import io.faultline.proto.wire.Frame;

/** What arrives on the bulk connection at the destination: the background stream. */
final class BulkReceiver implements FrameReceiver {
  private final MigrationDestination destination;

  BulkReceiver(MigrationDestination destination) {
    this.destination = destination;
  }

  @Override
  public void control(Frame frame) throws WireException {
    if (!frame.hasStreamEnd()) {
      throw new WireException("a " + frame.getBodyCase() + " on the bulk connection");
    }
    destination.bulkStreamEnded(frame.getStreamEnd().getPages());
  }

  @Override
  public void pages(int region, long firstPage, int count, Encoding encoding, long payload)
      throws WireException {
    destination.bulkStream().run(region, firstPage, count, encoding, payload);
  }

  @Override
  public void pageData(long address, int bytes) throws WireException {
    destination.bulkStream().data(address, bytes);
  }

  @Override
  public void closed(Throwable cause) {
    destination.failed(Transport.whyGone("the bulk connection to the source", cause));
  }
}
