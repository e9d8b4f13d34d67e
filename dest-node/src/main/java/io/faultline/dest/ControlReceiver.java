package io.faultline.dest;

import io.faultline.proto.FrameReceiver;
import io.faultline.proto.Transport;
import io.faultline.proto.WireException;
import io.faultline.proto.wire.Encoding;
import io.faultline.proto.wire.Frame;

/** What arrives on the control connection at the destination: control frames and urgent pages. */
final class ControlReceiver implements FrameReceiver {
  private final MigrationDestination destination;

  ControlReceiver(MigrationDestination destination) {
    this.destination = destination;
  }

  @Override
  public void control(Frame frame) throws WireException {
    destination.received(frame);
  }

  @Override
  public void pages(
      int region, long firstPage, int count, Encoding encoding, long payload, int checksum)
      throws WireException {
    destination.urgentStream().run(region, firstPage, count, encoding, payload, checksum);
  }

  @Override
  public void pageData(long address, int bytes) throws WireException {
    destination.urgentStream().data(address, bytes);
  }

  @Override
  public void closed(Throwable cause) {
    destination.failed(Transport.whyGone("the connection to the source", cause));
  }
}
