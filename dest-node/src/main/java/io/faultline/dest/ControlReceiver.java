package io.faultline.dest;

import io.faultline.proto.FrameReceiver;
import io.faultline.proto.WireException;
import io.faultline.proto.wire.Encoding;
import io.faultline.proto.wire.Frame;

/** What arrives on the control connection at the destination: control frames and urgent pages. */
final class ControlReceiver implements FrameReceiver {
  private final MigrationDestination destination;
  private final IncomingSession session;

  ControlReceiver(MigrationDestination destination, IncomingSession session) {
    this.destination = destination;
    this.session = session;
  }

  @Override
  public void control(Frame frame) throws WireException {
    destination.received(session, frame);
  }

  @Override
  public void pages(int region, long firstPage, int count, Encoding encoding, long payload)
      throws WireException {
    destination.urgentStream(session).run(region, firstPage, count, encoding, payload);
  }

  @Override
  public void pageData(long address, int bytes) throws WireException {
    destination.urgentStream(session).data(address, bytes);
  }

  @Override
  public void readComplete() {
    destination.heard(session);
  }

  @Override
  public void writabilityChanged() {
    session.writabilityChanged();
  }

  @Override
  public void closed(Throwable cause) {
    destination.gone(session, true, cause);
  }
}
