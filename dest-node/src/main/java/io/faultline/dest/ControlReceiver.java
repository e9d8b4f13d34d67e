package io.faultline.dest;

import io.faultline.proto.FrameReceiver;
import io.faultline.proto.Transport;
import io.faultline.proto.WireException;
import io.faultline.proto.wire.Encoding;
import io.faultline.proto.wire.Frame;
import org.jspecify.annotations.Nullable;

/** What arrives on the control connection at the destination: control frames and urgent pages. */
final class ControlReceiver implements FrameReceiver {
  private final MigrationDestination destination;

  /** Where somebody records: the run whose data is arriving, and what it lacks. */
  private @Nullable UrgentPagesPlacedEvent arriving;

  private long bytesLeft;

  ControlReceiver(MigrationDestination destination) {
    this.destination = destination;
  }

  @Override
  public void control(Frame frame) throws WireException {
    destination.received(frame);
  }

  @Override
  public void pages(int region, long firstPage, int count, Encoding encoding, long payload)
      throws WireException {
    arriving = UrgentPagesPlacedEvent.arrived(region, firstPage, payload);
    bytesLeft = payload;
    destination.urgentStream().run(region, firstPage, count, encoding, payload);
    placed(0);
  }

  @Override
  public void pageData(long address, int bytes) throws WireException {
    destination.urgentStream().data(address, bytes);
    placed(bytes);
  }

  private void placed(int bytes) {
    bytesLeft -= bytes;
    if (arriving != null && bytesLeft == 0) {
      arriving.placed();
      arriving = null;
    }
  }

  @Override
  public void closed(Throwable cause) {
    destination.failed(Transport.whyGone("the connection to the source", cause));
  }
}
