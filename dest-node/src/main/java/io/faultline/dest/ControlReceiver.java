package io.faultline.dest;

import io.faultline.proto.FrameReceiver;
import io.faultline.proto.Transport;
import io.faultline.proto.WireException;
import io.faultline.proto.wire.Encoding;
import io.faultline.proto.wire.Frame;

/** What arrives on the control connection at the destination: control frames and urgent pages. */
final class ControlReceiver implements FrameReceiver {
  private final MigrationDestination destination;

  // Where somebody records: the run that is arriving, when it began to, and what it lacks.
  private int region;
  private long firstPage;
  private long bytes;
  private long arrivedNanos;
  private long bytesLeft;

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
    begin(region, firstPage, payload);
    destination.urgentStream().run(region, firstPage, count, encoding, payload, checksum);
    placed(0);
  }

  @Override
  public void pageData(long address, int bytes) throws WireException {
    destination.urgentStream().data(address, bytes);
    placed(bytes);
  }

  private void begin(int itsRegion, long itsFirstPage, long payload) {
    arrivedNanos = UrgentPagesPlacedEvent.now();
    region = itsRegion;
    firstPage = itsFirstPage;
    bytes = payload;
    bytesLeft = payload;
  }

  private void placed(int more) {
    bytesLeft -= more;
    if (arrivedNanos != 0 && bytesLeft == 0) {
      UrgentPagesPlacedEvent.commit(region, firstPage, bytes, arrivedNanos);
      arrivedNanos = 0;
    }
  }

  @Override
  public void closed(Throwable cause) {
    destination.failed(Transport.whyGone("the connection to the source", cause));
  }
}
