package io.faultline.dest;

import io.faultline.proto.FrameReceiver;
import io.faultline.proto.WireException;
import io.faultline.proto.wire.Encoding;
import io.faultline.proto.wire.Frame;
import org.jspecify.annotations.Nullable;

/** What arrives on the control connection at the destination: control frames and urgent pages. */
final class ControlReceiver implements FrameReceiver {
  private final IncomingController controller;
  private final IncomingSession session;

  // Where somebody records: the run that is arriving, when it began to, and what it lacks.
  private int region;
  private long firstPage;
  private long bytes;
  private long arrivedNanos;
  private long bytesLeft;

  /** What the last pages went to. */
  private @Nullable PageStream arriving;

  ControlReceiver(IncomingController controller, IncomingSession session) {
    this.controller = controller;
    this.session = session;
  }

  @Override
  public void control(Frame frame) throws WireException {
    if (!session.isCondemned()) {
      controller.received(session, frame);
    }
  }

  @Override
  public void pages(
      int region, long firstPage, int count, Encoding encoding, long payload, int checksum)
      throws WireException {
    PageStream stream = controller.urgentStream(session);
    if (stream == null) {
      requireLateAnswer(encoding);
      return;
    }
    arriving = stream;
    begin(region, firstPage, payload);
    stream.run(region, firstPage, count, encoding, payload, checksum);
    placed(0);
  }

  @Override
  public long payloadPlace() {
    PageStream stream = arriving;
    return stream == null || session.isClosed() ? 0 : stream.place();
  }

  @Override
  public void pageData(long address, int bytes) throws WireException {
    PageStream stream = controller.urgentStream(session);
    if (stream == null) {
      throw new WireException("page data behind the last page");
    }
    stream.data(address, bytes);
    placed(bytes);
  }

  /** All pages are here: what a request got that was on its way is that nothing is stale. */
  private static void requireLateAnswer(Encoding encoding) throws WireException {
    if (encoding != Encoding.ENCODING_CURRENT) {
      throw new WireException("pages behind the last page");
    }
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
  public void readComplete() {
    controller.heard(session);
  }

  @Override
  public void writabilityChanged() {
    session.writabilityChanged();
  }

  @Override
  public void closed(Throwable cause) {
    controller.connectionLost(session, true, cause);
  }
}
